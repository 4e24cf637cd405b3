"""Timers on the session's own clock."""

import heapq
from dataclasses import dataclass, field


@dataclass(order=True, frozen=True, slots=True)
class Timer:
    """Ends at `due`, in 16 kHz samples of the session's clock."""

    due: int
    text: str = field(compare=False)


class Timers:
    """The timers under way. Not thread-safe: only the ears thread touches them."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []

    def add(self, due: int, text: str) -> None:
        """Say `text` when the clock reads `due`."""
        heapq.heappush(self._heap, Timer(due, text))

    def clear(self) -> None:
        """Forget all timers."""
        self._heap.clear()

    @property
    def next_due(self) -> int | None:
        """When the next timer ends, or None."""
        return self._heap[0].due if self._heap else None

    def ended(self, now: int) -> list[str]:
        """Take out the timers that have ended by `now`; returns what to say, oldest first."""
        texts: list[str] = []
        while self._heap and self._heap[0].due <= now:
            texts.append(heapq.heappop(self._heap).text)
        return texts
