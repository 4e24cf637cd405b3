"""Trains the micro Whisper: short windows at first, thirty seconds at last."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tests.rig.micro.whisper_batches import Batch, Batches
from tests.rig.micro.whisper_net import WIDTH, Whisper

ALIGNMENT_HEADS = 2
"""Heads of the decoder's last layer that are taught to look at the word being said, which is what word
timestamps are read from, and which spares the decoder finding out by itself."""

PEAK_RATE = 2e-3
WARM_UP = 150


@dataclass(frozen=True, slots=True)
class Window:
    """What a step is made of: its share of the steps from some progress (0 to 1) on."""

    frames: int
    examples: int
    doubles: float
    share: float
    since: float


WINDOWS = (
    Window(3000, 6, 0.25, 0.1, 0.7),
    Window(1000, 16, 0.3, 0.2, 0.3),
    Window(650, 24, 0.4, 0.3, 0.15),
)
FIRST_WINDOW = Window(300, 48, 0.0, 1.0, 0.0)


class Trainer:
    """Owns the optimiser and the head that names the word in each frame, which only training needs."""

    def __init__(self, model: Whisper, vocabulary: int) -> None:
        self.model = model
        self._namer = nn.Linear(WIDTH, vocabulary)
        self._parameters = [*model.parameters(), *self._namer.parameters()]
        self._optimiser = torch.optim.AdamW(
            self._parameters, lr=PEAK_RATE, betas=(0.9, 0.98), weight_decay=0.02
        )

    def step(self, batch: Batch, rate: float) -> float:
        """One step; returns the cross-entropy of a token."""
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", dtype=torch.bfloat16):
            heard = self.model.encoder(torch.from_numpy(batch.mel))
            logits, attention = self.model.decoder(torch.from_numpy(batch.inputs), heard)
            named = self._namer(heard)
        words = _cross_entropy(logits.float(), torch.from_numpy(batch.wanted))
        looks = _cross_entropy_of(
            attention[:, :ALIGNMENT_HEADS].float().mean(1), torch.from_numpy(batch.attention)
        )
        names = nn.functional.cross_entropy(
            named.float().flatten(0, 1), torch.from_numpy(batch.frames).flatten()
        )
        self._optimiser.zero_grad()
        (words + 0.1 * looks + 0.3 * names).backward()
        nn.utils.clip_grad_norm_(self._parameters, 1.0)
        self._optimiser.step()
        return float(words.detach())


def train(trainer: Trainer, batches: Batches, steps: int, seed: int, log: Callable[[str], None]) -> None:
    """Warm up, then let the learning rate fall along a cosine."""
    random = np.random.default_rng(seed)
    trainer.model.train()
    started, smooth = time.monotonic(), 8.0
    for step in range(steps):
        window = choose(step / steps, random.random())
        batch = batches.draw(window.examples, window.frames, window.doubles)
        loss = trainer.step(batch, learning_rate(step, steps))
        smooth = 0.97 * smooth + 0.03 * loss
        if step % 100 == 99:
            minutes = (time.monotonic() - started) / 60
            log(f"step {step + 1:5d}  minute {minutes:5.1f}  cross-entropy per token {smooth:.4f}")
    trainer.model.eval()


def choose(progress: float, chance: float) -> Window:
    """The window of a step, by its chance (0 to 1)."""
    for window in WINDOWS:
        if progress >= window.since:
            if chance < window.share:
                return window
            chance -= window.share
    return FIRST_WINDOW


def learning_rate(step: int, steps: int) -> float:
    fall = 0.5 * (1 + math.cos(math.pi * step / steps))
    return PEAK_RATE * min(1.0, (step + 1) / WARM_UP) * (0.98 * fall + 0.02)


def _cross_entropy(logits: Tensor, wanted: Tensor) -> Tensor:
    return _cross_entropy_of(logits.log_softmax(-1), wanted)


def _cross_entropy_of(logarithms: Tensor, wanted: Tensor) -> Tensor:
    return -(wanted * logarithms).sum() / wanted.sum()
