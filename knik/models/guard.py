"""One knik at a time changes the models folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from knik.models.files import telling

GUARD_FILE = ".lock"


@contextmanager
def guarded(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the folder's lock; while another knik has it, wait, after having told so by `waiting`.

    The system frees the lock of a process that dies.

    Raises:
        KnikError: The folder cannot be made or written.
    """
    from filelock import FileLock, Timeout

    with telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / GUARD_FILE)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
