"""A short sweep, and where in a recording it is: how late and how loud the microphone hears the speaker.

Pure: arrays in, numbers out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knik.audio.frames import Samples

SECONDS = 0.12
LOW, HIGH = 600.0, 6000.0
"""Hz from where to where the tone sweeps: what the smallest speakers and microphones carry. A sweep's
correlation with itself is a peak about 1 / (HIGH - LOW) seconds wide, so that its place is sharp."""

LOUDNESS = 0.25
"""Amplitude, 12 dB below full scale: heard over a quiet room, and no shock."""

CLEAR = 15.0
"""How far the peak has to stand out of the correlation's root mean square. Noise stays below 5; speech stands
out 9 times in the median, and more than 15 times in a tenth of the windows (the recordings of
tests/data/speech, 141 windows of 0.9 s), which is why chirps have to agree."""

AGREEING = 0.03
"""Seconds by which the delays of two chirps may differ: blocks of sound come in bursts, and a busy machine
fetches them late."""


@dataclass(frozen=True, slots=True)
class Echo:
    """A chirp that was heard.

    Attributes:
        delay: Seconds from the first sample of the recording to the chirp's first.
        gain_db: How loud it was heard, against how loud it was played.
        clear: How many times the peak of the correlation stands out of the rest.
    """

    delay: float
    gain_db: float
    clear: float


def chirp(rate: int) -> Samples:
    """The sweep, float32 at `rate` Hz, faded in and out over a tenth of its length."""
    count = round(SECONDS * rate)
    t = np.arange(count) / rate
    tone = np.sin(2 * np.pi * (LOW * t + (HIGH - LOW) / (2 * SECONDS) * t**2))
    fade = np.clip(10 * np.minimum(t, t[::-1]) / SECONDS, 0, 1)
    shaped: Samples = (LOUDNESS * tone * np.sin(np.pi / 2 * fade) ** 2).astype(np.float32)
    return shaped


def find(recording: Samples, rate: int) -> Echo | None:
    """The chirp in a recording at `rate` Hz, shape (n,); None where it is not heard.

    This is a matched filter: the recording's correlation with the chirp, by Fourier transform. At its peak it
    is the chirp's energy times the factor by which it was heard quieter.
    """
    pattern = chirp(rate)
    if recording.size < pattern.size:
        return None
    length = 1 << (recording.size + pattern.size - 1).bit_length()
    spectrum = np.fft.rfft(recording, length) * np.conj(np.fft.rfft(pattern, length))
    matched = np.abs(np.fft.irfft(spectrum, length)[: recording.size - pattern.size + 1])
    at = int(np.argmax(matched))
    # Beside the peak itself are the sweep's side lobes and the room's reflections; they are no noise.
    near = slice(max(0, at - pattern.size), at + pattern.size)
    rest = np.delete(matched, near)
    noise = float(np.sqrt(np.mean(rest**2))) if rest.size else 0.0
    peak = float(matched[at])
    if peak <= 0 or peak < CLEAR * noise:
        return None
    gain = peak / float(np.sum(pattern.astype(np.float64) ** 2))
    return Echo(at / rate, 20 * float(np.log10(gain)), peak / noise if noise else float("inf"))


def agreed(echoes: Sequence[Echo | None]) -> Echo | None:
    """What at least half of the chirps, and at least two, agree on; None where they do not.

    One chirp may meet a cough or a door, or a moment in which the machine was busy, and then be found in the
    wrong place, or not at all.
    """
    heard = sorted((echo for echo in echoes if echo is not None), key=lambda echo: echo.delay)
    groups = [[e for e in heard if 0 <= e.delay - first.delay <= AGREEING] for first in heard]
    same = max(groups, key=len, default=[])
    if len(same) < 2 or 2 * len(same) < len(echoes):
        return None
    delay, gain = (float(np.median([getattr(e, name) for e in same])) for name in ("delay", "gain_db"))
    return Echo(delay, gain, min(echo.clear for echo in same))
