"""Sounds that are over at once and are no speech; each is a function of rate and seed."""

from collections.abc import Callable, Mapping

import numpy as np

from knik.audio.frames import Samples
from knik.bench.noise import burst, keystroke

Bang = Callable[[int, int], Samples]


def clap(rate: int, seed: int) -> Samples:
    """Hands: 5 ms of attack, a broad band, and the room after it."""
    random = np.random.default_rng(seed)
    return _peaked(burst(random, rate, 0.15, 30.0, 800.0, 5000.0), 0.6)


def door(rate: int, seed: int) -> Samples:
    """A slam: deep, a third of a second long, with a rattle."""
    random = np.random.default_rng(seed)
    deep = burst(random, rate, 0.4, 12.0, 40.0, 250.0)
    rattle = burst(random, rate, 0.1, 40.0, 300.0, 2000.0)
    deep[: rattle.size] += 0.4 * rattle
    return _peaked(deep, 0.7)


def cough(rate: int, seed: int) -> Samples:
    """One to three barks: a burst of breath, with a rough voice under it."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(int(random.integers(1, 4))):
        breath = burst(random, rate, float(random.uniform(0.15, 0.28)), 14.0, 300.0, 3000.0)
        time = np.arange(breath.size) / rate
        pitch = float(random.uniform(110, 190))
        wobble = np.cumsum(2 * np.pi * pitch * (1 - 0.5 * time) / rate)
        wobble += 0.8 * np.cumsum(random.standard_normal(breath.size)) * np.sqrt(40 / rate)
        voice = np.sign(np.sin(wobble)) * np.exp(-18 * time)
        parts += [breath / np.max(np.abs(breath)) + 0.25 * voice.astype(np.float32)]
        parts += [np.zeros(round(float(random.uniform(0.05, 0.15)) * rate), np.float32)]
    return _peaked(np.concatenate(parts), 0.5)


BANGS: Mapping[str, Bang] = {"cough": cough, "clap": clap, "keystroke": keystroke, "door slam": door}


def _peaked(samples: Samples, peak: float) -> Samples:
    return samples * np.float32(peak / np.max(np.abs(samples)))
