"""How loud sound is."""

import math

from knik.audio.frames import Samples

SILENCE_DB = -90.0
"""What digital silence counts as; a 16-bit sample can say little less."""


def level_db(samples: Samples) -> float:
    """RMS of samples, shape (n,), in dBFS, not below `SILENCE_DB`."""
    power = float(samples @ samples) / max(1, samples.size)
    return 10 * math.log10(power) if power > 1e-9 else SILENCE_DB
