"""Makes the micro llama: `python -m tests.rig.micro.llama` (with the `rig` dependency group).

A llama of 128 dimensions learns the phrases' answers by heart, after any system prompt and earlier turns,
in ChatML. It is written as GGUF with its tokenizer and chat template, and then asked through
llama-cpp-python. Everything random comes from one seed.
"""

import argparse
import math
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from tests.rig.micro.llama_check import report
from tests.rig.micro.llama_data import MODEL
from tests.rig.micro.llama_export import export, make_tokenizer
from tests.rig.micro.llama_net import Llama
from tests.rig.micro.llama_talk import Talk
from tests.rig.micro.phrases import PHRASES

SEED = 20261121
STEPS = 2400
LEARNING_RATE = 3e-3
WARM_UP = 100
SHAPES = ((24, 128), (8, 400), (8, 400), (8, 400), (2, 1600))
"""Conversations and tokens of the batches, one after the other."""
LONG_SHAPE = (1, 3600)
LONG_EVERY = 40
"""Now and then a conversation about as long as the context, so that nothing gets lost in a crowd."""


class Log:
    """Prints each line and keeps it for training.log."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __call__(self, line: str) -> None:
        print(line, flush=True)
        self._lines.append(line)

    def save(self, path: Path) -> None:
        path.write_text("\n".join(self._lines) + "\n", "utf-8")


def train(model: Llama, talk: Talk, steps: int, log: Callable[[str], None]) -> None:
    """Warm up, then let the learning rate fall along a cosine."""
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.01, betas=(0.9, 0.98))
    started, smooth = time.monotonic(), 0.0
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * _rate(step, steps)
        loss = _loss(model, talk, step)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        smooth = 0.97 * smooth + 0.03 * loss.item() if step else loss.item()
        if step % 100 == 0 or step == steps - 1:
            log(f"step {step} minute {(time.monotonic() - started) / 60:.1f} loss {smooth:.5f}")


def _rate(step: int, steps: int) -> float:
    return min(1.0, (step + 1) / WARM_UP) * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * step / steps)))


def _loss(model: Llama, talk: Talk, step: int) -> torch.Tensor:
    shape = LONG_SHAPE if step % LONG_EVERY == LONG_EVERY - 1 else SHAPES[step % len(SHAPES)]
    inputs, targets, weights = talk.batch(*shape)
    losses = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), reduction="none")
    return (losses * weights.flatten()).sum() / weights.sum()


def main() -> None:
    """Train, export, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL.parent)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(arguments.threads)
    log, tokenizer = Log(), make_tokenizer()
    model = Llama(tokenizer.get_vocab_size())
    log(f"seed {SEED}, {sum(p.numel() for p in model.parameters())} parameters, {len(PHRASES)} phrases")
    train(model, Talk(tokenizer, SEED), arguments.steps, log)
    arguments.out.mkdir(parents=True, exist_ok=True)
    export(model, tokenizer, arguments.out / MODEL.name)
    for line in report(arguments.out / MODEL.name, SEED):
        log(line)
    log.save(arguments.out / "training.log")


if __name__ == "__main__":
    main()
