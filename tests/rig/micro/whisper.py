"""Makes the micro Whisper: `python -m tests.rig.micro.whisper` (with the `rig` dependency group).

A Whisper of 128 dimensions learns the phrases as espeak-ng says them in many voices, and is converted to
CTranslate2's 8 bits; then faster-whisper is asked how well it hears voices and speeds that were held back.
Everything random comes from one seed.
"""

import argparse
import pickle
from pathlib import Path

import numpy as np
import torch

from tests.rig.micro.phrases import PHRASES
from tests.rig.micro.whisper_batches import Batches
from tests.rig.micro.whisper_check import report
from tests.rig.micro.whisper_data import MODEL
from tests.rig.micro.whisper_examples import Pool, make_pool
from tests.rig.micro.whisper_export import export
from tests.rig.micro.whisper_net import Whisper
from tests.rig.micro.whisper_tokens import Ids, make_tokenizer
from tests.rig.micro.whisper_training import Trainer, train

SEED = 20261121
ROUNDS = 90
STEPS = 2000


class Log:
    """Prints each line and keeps it for training.log."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __call__(self, line: str) -> None:
        print(line, flush=True)
        self._lines.append(line)

    def save(self, path: Path) -> None:
        path.write_text("\n".join(self._lines) + "\n", "utf-8")


def main() -> None:
    """Speak, train, export, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each phrase is spoken")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="file to keep the spoken examples in")
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(arguments.threads)
    log, ids = Log(), Ids.of(make_tokenizer())
    model = Whisper(ids.size)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    log(f"seed {SEED}, {len(PHRASES)} phrases, {arguments.rounds} rounds, {parameters} parameters")
    pool = _pool(arguments.rounds, arguments.cache)
    log(
        f"examples: {len(pool.single)} utterances, {len(pool.double)} pairs, {len(pool.silent)} without speech"
    )
    batches = Batches(pool, ids, np.random.default_rng(SEED))
    train(Trainer(model, ids.size), batches, arguments.steps, SEED, log)
    export(model, ids, arguments.out)
    for line in report(arguments.out, SEED + 1):
        log(line)
    log.save(arguments.out / "training.log")


def _pool(rounds: int, cache: Path | None) -> Pool:
    if cache and cache.is_file():
        pool: Pool = pickle.loads(cache.read_bytes())
        return pool
    pool = make_pool(rounds, SEED)
    if cache:
        cache.write_bytes(pickle.dumps(pool))
    return pool


if __name__ == "__main__":
    main()
