"""Silence around a clause."""

import numpy as np

from knik.audio.frames import Samples

THRESHOLD = 0.003
"""Amplitude (-50 dBFS) under which a voice counts as silent."""

LEAD_SECONDS = 0.01
TAIL_SECONDS = 0.12


def trim_silence(samples: Samples, rate: int) -> tuple[Samples, float]:
    """Cut the silence down to 10 ms before the speech and 120 ms after it.

    Args:
        samples: Mono float32, shape (n,).
        rate: Hz.

    Returns:
        A view of the samples, empty when all of them are silent, and how many seconds were cut at
        the beginning.
    """
    loud = np.flatnonzero(np.abs(samples) > THRESHOLD)
    if not loud.size:
        return samples[:0], 0.0
    start = max(0, int(loud[0]) - round(LEAD_SECONDS * rate))
    end = min(samples.size, int(loud[-1]) + 1 + round(TAIL_SECONDS * rate))
    return samples[start:end], start / rate
