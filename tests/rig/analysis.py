"""When sound begins and ends in a recording."""

import numpy as np

from knik.audio.frames import Samples

AUDIBLE = 0.004
"""Amplitude from which a sample counts as sound: -48 dBFS."""


def sounds(
    samples: Samples, rate: int, gap: float = 0.5, level: float = AUDIBLE
) -> list[tuple[float, float]]:
    """The stretches of sound, in seconds, that silences of at least `gap` seconds separate."""
    loud = np.flatnonzero(np.abs(samples) > level)
    if not loud.size:
        return []
    breaks = np.flatnonzero(np.diff(loud) > gap * rate)
    starts = loud[np.concatenate([[0], breaks + 1])]
    ends = loud[np.concatenate([breaks, [loud.size - 1]])]
    return [(float(a) / rate, float(b + 1) / rate) for a, b in zip(starts, ends, strict=True)]
