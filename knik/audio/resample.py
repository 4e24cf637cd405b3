"""Sample rates and channels."""

import numpy as np
import numpy.typing as npt
import soxr

from knik.audio.frames import Samples

QUALITY = "HQ"
"""soxr's default."""


STOPBAND_DB = 90.0
"""How far what lies above the new band is taken down where a whole number of samples becomes one."""

HALF_TAPS = 22
"""Samples at the lower rate, 1.4 ms at 16 kHz, that such a filter looks ahead. Its band ends where soxr's
does to within 200 Hz."""


class StreamResampler:
    """Resamples a stream block by block.

    soxr compensates its filter's delay, so output sample n lies at time n / `to_rate` of the input;
    it only comes out later. Its variable-rate engine runs at a fixed ratio here because it holds back
    10 to 15 ms of a stream where the fixed one holds back 37 to 42, which every answer and every
    interruption would wait for; it still aliases and distorts less than 16 bits can show. From 48 to
    16 kHz, on the way of everything that is heard, a plain filter is done after 1.4 ms.

    Args:
        from_rate: Hz of what goes in.
        to_rate: Hz of what comes out. Equal rates pass through unchanged.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._stream: soxr.ResampleStream | _Decimator | None = None
        if from_rate > to_rate and from_rate % to_rate == 0:
            self._stream = _Decimator(from_rate // to_rate)
        elif from_rate != to_rate:
            self._stream = soxr.ResampleStream(
                from_rate, to_rate, 1, dtype="float32", quality=QUALITY, vr=True
            )

    def process(self, block: Samples, *, last: bool = False) -> Samples:
        """Resample a block of shape (n,); `last` flushes what the filter still holds."""
        if self._stream is None:
            return block
        out: Samples = self._stream.resample_chunk(block, last=last)
        return out


class _Decimator:
    """Makes one sample of every `factor`, with a linear-phase low-pass filter by Kaiser's window.

    Kaiser's formulas for the window's shape and for the width of the transition are those of Oppenheim and
    Schafer, Discrete-Time Signal Processing, 7.5.3.
    """

    def __init__(self, factor: int) -> None:
        half = HALF_TAPS * factor
        # The transition reaches as far above the new Nyquist frequency as below it.
        at = np.arange(-half, half + 1) / factor
        taps = np.sinc(at) * np.kaiser(at.size, 0.1102 * (STOPBAND_DB - 8.7))
        self._taps = (taps / taps.sum()).astype(np.float32)
        self._factor = factor
        self._waiting = np.zeros(half, np.float32)

    def resample_chunk(self, block: Samples, *, last: bool = False) -> Samples:
        """What can be known of the output with this block; `last` takes silence for what would follow."""
        rest = np.zeros(self._taps.size // 2 if last else 0, np.float32)
        self._waiting = np.concatenate([self._waiting, block, rest])
        if self._waiting.size < self._taps.size:
            return np.zeros(0, np.float32)
        count = (self._waiting.size - self._taps.size) // self._factor + 1
        out = np.zeros(count, np.float32)
        # By phases, since only every so many samples of the filter's output are wanted.
        for phase in range(self._factor):
            taps = self._taps[phase :: self._factor]
            part = self._waiting[phase :: self._factor][: count + taps.size - 1]
            out += np.correlate(part, taps, "valid")
        self._waiting = self._waiting[count * self._factor :]
        return out


def resample(samples: Samples, from_rate: int, to_rate: int) -> Samples:
    """Resample a whole recording of shape (n,)."""
    if from_rate == to_rate:
        return samples
    out: Samples = soxr.resample(samples, from_rate, to_rate, quality=QUALITY)
    return out


def to_mono(block: npt.NDArray[np.float32]) -> Samples:
    """Average the channels of a block of shape (n, channels)."""
    if block.shape[1] == 1:
        return block[:, 0]
    mono: Samples = block.mean(axis=1, dtype=np.float32)
    return mono
