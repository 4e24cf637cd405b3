"""Files of the models folder: their checksums, and trouble with the disk told to people."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
    try:
        found = json.loads((folder / LOCK_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _store(folder: Path, known: dict[str, str]) -> None:
    written(folder / LOCK_FILE, json.dumps(known, indent=2, sort_keys=True) + "\n")


def written(path: Path, text: str) -> None:
    """Write a small file so that it is whole or not there; raises `KnikError`."""
    part = path.with_name(f".{path.name}.part")
    with telling(part):
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        part.replace(path)


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
