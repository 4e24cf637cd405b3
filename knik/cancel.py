"""Cancellation of one turn's work.

Ground floor: every room may import this module.
"""

import threading
from collections.abc import Callable


class Cancelled(Exception):  # noqa: N818 - it ends work that nobody wants, it is no error
    """Raised inside a piece of work whose turn was cancelled."""


class CancelToken:
    """A flag that one thread sets and many poll; prompt, idempotent, and never unset.

    Work polls `cancelled` (or calls `check`) between its smallest steps: a token of the chat model, a
    chunk of synthesis. Work that blocks in foreign code registers a callback with `on_cancel` that
    unblocks it, for example by closing a socket.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` once `cancel` was called."""
        if self._event.is_set():
            raise Cancelled

    def wait(self, timeout: float | None = None) -> bool:
        """Block until cancelled or `timeout` seconds have passed; True when cancelled."""
        return self._event.wait(timeout)

    def cancel(self) -> None:
        """Cancel; a second call does nothing. Callbacks run once, in the caller's thread."""
        with self._lock:
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Run `callback` once on cancellation, at once if that has happened.

        The callback must not block or raise. Returns a function that withdraws it.
        """
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return lambda: self._withdraw(callback)
        callback()
        return lambda: None

    def _withdraw(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)
