"""Tells which clauses of the micro Kokoro a recording holds, and where.

The graph always makes the same sound of the same clause, so a clause is found by correlation, whatever
the recording's rate, level and delay.
"""

from dataclasses import dataclass

import numpy as np
import soxr

from knik.audio.frames import Samples

EAR_RATE = 8_000


@dataclass(frozen=True, slots=True)
class Found:
    """Where a clause lies in a recording, in seconds, and how alike the two are (0 to 1)."""

    start: float
    likeness: float


def find(recording: Samples, rate: int, clause: Samples, clause_rate: int) -> Found:
    """The place of `recording` that is most like `clause`; both mono, of any rate."""
    heard = soxr.resample(recording, rate, EAR_RATE)
    wanted = soxr.resample(clause, clause_rate, EAR_RATE)
    size = 1 << int(np.ceil(np.log2(heard.size + wanted.size)))
    dots = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)[: heard.size]
    power = np.concatenate([[0.0], np.cumsum(np.square(heard, dtype=np.float64))])
    ends = np.minimum(np.arange(heard.size) + wanted.size, heard.size)
    energy = power[ends] - power[: heard.size]
    norm = np.sqrt(np.maximum(energy, 1e-6) * float(np.sum(np.square(wanted, dtype=np.float64))))
    alike = np.abs(dots) / norm
    best = int(np.argmax(alike))
    return Found(best / EAR_RATE, float(min(1.0, alike[best])))
