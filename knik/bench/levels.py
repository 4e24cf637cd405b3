"""Levels, and what a signal-to-noise ratio means here."""

import numpy as np

from knik.audio.frames import Samples

ACTIVE_DB = -35.0
"""Below the loudest 10 ms, from where a moment of speech is a pause and does not count for its level."""


def rms(samples: Samples) -> float:
    """Root mean square over all samples."""
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if samples.size else 0.0


def active_rms(speech: Samples, rate: int) -> float:
    """Root mean square of the moments in which somebody speaks, after the idea of ITU-T P.56."""
    step = rate // 100
    frames = speech[: speech.size // step * step].reshape(-1, step)
    levels = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    if not levels.size or not levels.max():
        return 0.0
    active = levels >= levels.max() * 10 ** (ACTIVE_DB / 20)
    return float(np.sqrt(np.mean(np.square(levels[active]))))


def at_snr(noise: Samples, speech: Samples, snr_db: float, rate: int) -> Samples:
    """The noise, scaled to lie `snr_db` decibels below the active level of the speech."""
    level = rms(noise)
    if not level:
        return noise
    return noise * np.float32(active_rms(speech, rate) / level * 10 ** (-snr_db / 20))
