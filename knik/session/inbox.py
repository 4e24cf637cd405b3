"""Where the ears thread finds what happened."""

import threading
from collections import deque
from typing import Generic, TypeVar

from knik.session.gauge import WorkGauge

T = TypeVar("T")

CAPACITY = 1_024
"""Messages that may wait. Every message wakes the ears, which empty the box at once, so a full one means
that they have died, and the messages no longer matter."""


class Inbox(Generic[T]):
    """Messages from callbacks and workers to the one thread that reads them.

    `post` and `wake` never wait for the reader: both the audio callbacks and cancellation use them.
    """

    def __init__(self, gauge: WorkGauge) -> None:
        self._gauge = gauge
        self._messages: deque[T] = deque()
        self._wake = threading.Event()

    def post(self, message: T) -> None:
        """Add a message and wake the reader."""
        if len(self._messages) >= CAPACITY:
            return
        self._gauge.begin()
        self._messages.append(message)
        self._wake.set()

    def wake(self) -> None:
        """Wake the reader without a message: sound has arrived."""
        self._wake.set()

    def wait(self, timeout: float | None = None) -> None:
        """Block until there is something to look at, or `timeout` seconds have passed."""
        self._wake.wait(timeout)
        self._wake.clear()

    def take(self) -> T | None:
        """The oldest message, or None; follow each with `done` once it is dealt with."""
        return self._messages.popleft() if self._messages else None

    def done(self) -> None:
        """The message taken last has been dealt with."""
        self._gauge.end()
