"""The last minute of the microphone, addressed by sample index."""

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples

SECONDS = 90
"""Longer than the longest utterance with its continuation and pre-roll."""


class AudioHistory:
    """A rolling store of 16 kHz samples; sample n keeps its index for ever."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._buffer = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
        self.end = 0
        """Index after the newest sample."""

    @property
    def start(self) -> int:
        """Index of the oldest sample that is still held."""
        return max(0, self.end - self._buffer.size)

    def append(self, block: Samples) -> None:
        """Append a block of shape (n,), pushing out the oldest samples."""
        size = self._buffer.size
        self.end += block.size
        block = block[-size:]
        begin = (self.end - block.size) % size
        fitting = min(block.size, size - begin)
        self._buffer[begin : begin + fitting] = block[:fitting]
        self._buffer[: block.size - fitting] = block[fitting:]

    def slice(self, start: int, end: int) -> Samples:
        """A copy of the samples [start, end), as far as they are held."""
        start = max(start, self.start)
        end = min(end, self.end)
        if end <= start:
            return np.zeros(0, np.float32)
        return self._buffer[np.arange(start, end) % self._buffer.size]
