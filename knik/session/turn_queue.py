"""A bounded queue between two workers whose blocking ends with the turn."""

import threading
from collections import deque
from typing import Generic, TypeVar

from knik.cancel import CancelToken
from knik.session.gauge import WorkGauge

T = TypeVar("T")


class Closed(Exception):  # noqa: N818 - the normal end of a worker, no error
    """The queue was closed and nobody will read or write it any more."""


class TurnQueue(Generic[T]):
    """First in, first out, at most `capacity` items.

    Every item counts as work under way in `gauge` from `put` until the reader calls `done`.
    """

    def __init__(self, capacity: int, gauge: WorkGauge) -> None:
        self._capacity = capacity
        self._gauge = gauge
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def put(self, item: T, cancel: CancelToken) -> None:
        """Append, waiting for room; raises `Cancelled` when the turn dies, `Closed` at the end."""
        if not self.offer(item):
            with self._gauge.waiting():
                self._put_when_there_is_room(item, cancel)

    def _put_when_there_is_room(self, item: T, cancel: CancelToken) -> None:
        withdraw = cancel.on_cancel(self._wake)
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._has_room() or cancel.cancelled)
                cancel.check()
                self._append(item)
        finally:
            withdraw()

    def offer(self, item: T) -> bool:
        """Append if there is room, without waiting; raises `Closed` at the end."""
        with self._changed:
            if not self._has_room():
                return False
            self._append(item)
            return True

    def _has_room(self) -> bool:
        return self._closed or len(self._items) < self._capacity

    def _append(self, item: T) -> None:
        if self._closed:
            raise Closed
        self._gauge.begin()
        self._items.append(item)
        self._changed.notify_all()

    def get(self) -> T:
        """Take the oldest item, waiting for one; raises `Closed` at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._items))
            if self._closed:
                raise Closed
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def done(self) -> None:
        """The item taken last has been dealt with."""
        self._gauge.end()

    def close(self) -> None:
        """Drop what is left and let everybody go who waits; a second call does nothing."""
        with self._changed:
            self._closed = True
            dropped = len(self._items)
            self._items.clear()
            self._changed.notify_all()
        for _ in range(dropped):
            self._gauge.end()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
