"""One clock for microphone and speaker."""

from collections import deque
from itertools import islice

from knik.audio.frames import SAMPLE_RATE

WINDOW = 200
"""Observations kept: two seconds of 10 ms blocks, 24 s while the ears rest, short against the drift of any
sound card."""

JUMP_SECONDS = 0.05
"""More than jitter, when `JUMP_WINDOW` observations in a row agree on it."""

JUMP_WINDOW = 20


class SampleClock:
    """Maps the device's stream time to indices of 16 kHz capture samples.

    PortAudio stamps every block of both streams with a time on one clock, but the stamps jitter by
    the scheduling of the callback, and only ever late. The offset between stamp and sample count is
    therefore taken as the smallest of the last `WINDOW` observations, which follows slow drift
    between the device's crystal and the computer's clock. Where samples were lost (an overflow, a
    device that was away) the count falls behind the stamps for good: when all recent observations say
    so, the older ones are forgotten.
    """

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=WINDOW)
        self._offset = 0.0

    def observe(self, index: int, stream_time: float) -> None:
        """The sample with this index was recorded at `stream_time` seconds, or somewhat earlier."""
        self._offsets.append(stream_time - index / SAMPLE_RATE)
        recent = list(islice(reversed(self._offsets), JUMP_WINDOW))
        if len(recent) == JUMP_WINDOW and min(recent) > min(self._offsets) + JUMP_SECONDS:
            self._offsets = deque(reversed(recent), maxlen=WINDOW)
        self._offset = min(self._offsets)

    def sample_at(self, stream_time: float) -> int:
        """The index of the sample that is recorded at `stream_time`."""
        return round(self.index_at(stream_time))

    def index_at(self, stream_time: float) -> float:
        """As `sample_at`, and how far towards the next sample."""
        return (stream_time - self._offset) * SAMPLE_RATE

    def time_of(self, index: int) -> float:
        """When the sample with this index is recorded, in seconds on the device's clock."""
        return index / SAMPLE_RATE + self._offset
