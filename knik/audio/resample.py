"""Sample rates and channels."""

import numpy as np
import numpy.typing as npt
import soxr

from knik.audio.frames import Samples

QUALITY = "HQ"
"""soxr's default."""


class StreamResampler:
    """Resamples a stream block by block.

    soxr compensates its filter's delay, so output sample n lies at time n / `to_rate` of the input;
    it only comes out later. Its variable-rate engine runs at a fixed ratio here because it holds back
    10 to 15 ms of a stream where the fixed one holds back 37 to 42, which every answer and every
    interruption would wait for; it still aliases and distorts less than 16 bits can show.

    Args:
        from_rate: Hz of what goes in.
        to_rate: Hz of what comes out. Equal rates pass through unchanged.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._stream: soxr.ResampleStream | None = None
        if from_rate != to_rate:
            self._stream = soxr.ResampleStream(
                from_rate, to_rate, 1, dtype="float32", quality=QUALITY, vr=True
            )

    def process(self, block: Samples, *, last: bool = False) -> Samples:
        """Resample a block of shape (n,); `last` flushes what the filter still holds."""
        if self._stream is None:
            return block
        out: Samples = self._stream.resample_chunk(block, last=last)
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
