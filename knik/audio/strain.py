"""Notices that a machine is too busy for the speaker's buffers."""

from collections import deque

TOO_LATE = 2
STRAINED_CHECKS = 20
"""Where so many blocks came too late for a speaker that sounded, within so many checks (10 s of the
watchdog's), its buffers are too small."""


class Strain:
    """Counts the blocks that came too late: the callback counts, the watchdog checks."""

    def __init__(self) -> None:
        self._late = 0
        self._lateness: deque[int] = deque(maxlen=STRAINED_CHECKS)

    def called(self, since_last: float, latency: float) -> None:
        """A block was filled, so many seconds after the one before; the buffers hold `latency` seconds."""
        self._late += since_last > latency

    def check(self) -> bool:
        """Whether the buffers are too small; twice a second."""
        late, self._late = self._late, 0
        self._lateness.append(late)
        return sum(self._lateness) >= TOO_LATE

    def forget(self) -> None:
        """The buffers are other ones now."""
        self._lateness.clear()
