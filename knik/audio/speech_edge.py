"""Where speech really ended, to the few milliseconds that a latency is worth.

A VAD judges windows of 32 ms and lets go late; the level of the sound tells better, once it is known
what the silence after the speech sounds like.
"""

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples

STEP = SAMPLE_RATE // 200
"""5 ms."""

NOISE_FACTOR = 3.0
"""How far (about 10 dB) sound must stand out of the background to be speech."""

QUIETEST = 0.002
"""RMS (-54 dBFS) below which sound is none, however quiet the background is."""

QUIET_SECONDS = 0.1
"""The end of the pause, which is surely background."""


def end_of_speech(samples: Samples) -> int | None:
    """The index after the last speech in `samples`, 16 kHz, which end with a pause; None if it is all
    background."""
    steps = samples.size // STEP
    if steps * STEP < 2 * QUIET_SECONDS * SAMPLE_RATE:
        return None
    levels = np.sqrt(np.mean(np.square(samples[: steps * STEP].reshape(steps, STEP)), axis=1))
    background = float(np.median(levels[-round(QUIET_SECONDS * SAMPLE_RATE / STEP) :]))
    loud = np.flatnonzero(levels > max(QUIETEST, NOISE_FACTOR * background))
    return int(loud[-1] + 1) * STEP if loud.size else None
