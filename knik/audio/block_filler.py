"""Fits the blocks of a playback callback to a sound card."""

import numpy as np
import numpy.typing as npt

from knik.audio.device import PlaybackCallback
from knik.audio.frames import Samples
from knik.audio.resample import StreamResampler

Block = npt.NDArray[np.float32]


class BlockFiller:
    """Fits the mono blocks of the playback callback to the rate and channels of a stream.

    Args:
        playback: Fills the blocks.
        own_rate: Hz of what it fills them with.
        rate: Hz of the stream.
    """

    def __init__(self, playback: PlaybackCallback, own_rate: int, rate: int) -> None:
        self._playback = playback
        self._resampler = StreamResampler(own_rate, rate) if rate != own_rate else None
        self._own_block = own_rate // 100
        self._rate = rate
        self._mono = np.zeros(0, np.float32)
        self._ready = np.zeros(0, np.float32)

    def fill(self, block: Block, at: float, underflow: bool) -> None:
        """Fill a block of shape (frames, channels), which sounds at stream time `at`."""
        if self._resampler is None:
            if self._mono.size != block.shape[0]:
                self._mono = np.zeros(block.shape[0], np.float32)
            self._playback(self._mono, at, underflow)
            block[:] = self._mono[:, np.newaxis]
            return
        block[:] = self._resampled(block.shape[0], at, underflow)[:, np.newaxis]

    def _resampled(self, count: int, at: float, underflow: bool) -> Samples:
        assert self._resampler is not None
        while self._ready.size < count:
            mono = np.zeros(self._own_block, np.float32)
            self._playback(mono, at + self._ready.size / self._rate, underflow)
            underflow = False
            self._ready = np.concatenate([self._ready, self._resampler.process(mono)])
        out, self._ready = self._ready[:count], self._ready[count:]
        return out
