"""A ring buffer between one callback and one thread."""

import numpy as np

from knik.audio.frames import Samples


class Ring:
    """Single producer, single consumer, mono float32, no locks.

    The producer alone moves `written`, the consumer alone moves the read position, and each is
    advanced only after the samples were copied; the interpreter lock orders the two.

    Args:
        capacity: Samples that may wait.
    """

    def __init__(self, capacity: int) -> None:
        self._buffer = np.zeros(capacity, np.float32)
        self._read = 0
        self.written = 0
        """Samples accepted since the beginning."""
        self.dropped = 0
        """Samples that found no room."""

    @property
    def taken(self) -> int:
        """Samples read since the beginning; for the consumer."""
        return self._read

    @property
    def readable(self) -> int:
        """Samples that wait."""
        return self.written - self._read

    def write(self, block: Samples) -> int:
        """Append what fits of `block`, shape (n,); returns how many samples that were."""
        capacity = self._buffer.size
        count = min(block.size, capacity - self.readable)
        start = self.written % capacity
        first = min(count, capacity - start)
        self._buffer[start : start + first] = block[:first]
        self._buffer[: count - first] = block[first:count]
        self.written += count
        self.dropped += block.size - count
        return count

    def read(self, count: int) -> Samples:
        """Take up to `count` samples, oldest first; a copy of shape (m,), m <= count."""
        capacity = self._buffer.size
        count = min(count, self.readable)
        start = self._read % capacity
        first = min(count, capacity - start)
        out = np.empty(count, np.float32)
        out[:first] = self._buffer[start : start + first]
        out[first:] = self._buffer[: count - first]
        self._read += count
        return out
