"""How much work is under way, so that a session over files can outrun real time.

A file has no clock of its own: its next block may be fed as soon as everything that the last one set
off is done. The gauge counts that work. With a sound card nobody waits on it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class WorkGauge:
    """Counts pieces of work under way; every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._closed = False

    def begin(self) -> None:
        """A piece of work was handed over."""
        with self._changed:
            self._under_way += 1

    def end(self) -> None:
        """A piece of work is done, failed or dropped."""
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Inside, the caller's work only waits for time to pass, so it does not hold time up."""
        self.end()
        try:
            yield
        finally:
            self.begin()

    def settle(self) -> None:
        """Block until no work is under way, or the gauge is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._under_way <= 0)

    def close(self) -> None:
        """Let everybody go who waits in `settle`, now and later."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
