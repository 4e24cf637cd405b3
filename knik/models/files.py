"""Files of the models folder: their checksums, and trouble with the disk told to people."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from knik.config.json_file import read_object, write_object
from knik.errors import KnikError

BLOCK = 1 << 20
LOCK_FILE = "checksums.json"

Progress = Callable[[int, int], None]
"""Told the bytes that are there and the bytes there will be (0: unknown)."""


def remember(folder: Path, name: str, sha256: str) -> None:
    """Note the checksum of an installed file in `folder`/checksums.json."""
    _store(folder, remembered(folder) | {name: sha256})


def disremember(folder: Path, names: set[str]) -> None:
    """Drop the checksums of files that were removed."""
    known = remembered(folder)
    if names & set(known):
        _store(folder, {name: sha256 for name, sha256 in known.items() if name not in names})


def remembered(folder: Path) -> dict[str, str]:
    """The checksums of the files that were installed into `folder` before, by path below it."""
    return read_object(folder / LOCK_FILE)


def _store(folder: Path, known: dict[str, str]) -> None:
    with telling(folder / LOCK_FILE):
        write_object(folder / LOCK_FILE, known)


def sha256_of(path: Path, progress: Progress = lambda _have, _size: None) -> str:
    """The checksum of a file."""
    digest = hashlib.sha256()
    size, done = path.stat().st_size, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            progress(done, size)
    return digest.hexdigest()


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Tell trouble with the disk to people: full, read-only, a folder in the way."""
    try:
        yield
    except OSError as error:
        raise KnikError(
            f"{error.filename2 or error.filename or path}: {error.strerror or error}.",
            "Mend that, or choose another folder: --dir. Then run the same command again.",
        ) from error
