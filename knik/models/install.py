"""Installs a model of the catalogue from its source, a mirror or a folder."""

from contextlib import suppress
from pathlib import Path

from knik.models.catalogue import ModelEntry
from knik.models.download import (
    MissingError,
    Progress,
    address,
    copy,
    fetch,
    remember,
    remembered,
    sha256_of,
)


def install(entry: ModelEntry, folder: Path, source: str, progress: "FileProgress") -> list[Path]:
    """Bring all files of a model into the models folder; files that are there and right stay.

    Args:
        entry: The model.
        folder: The models folder.
        source: A folder or an address to take the files from; "" for their own addresses. Below it
            they lie as in the models folder, in a folder with the model's name, or side by side.
        progress: Told the file and how much of it is there.

    Returns:
        The paths of the files.

    Raises:
        KnikError: A file could not be had; those before it stay.
    """
    paths: list[Path] = []
    known = remembered(folder)
    for name in entry.files:
        target = folder / entry.folder / name
        key = f"{entry.folder}/{name}"
        expected = entry.sha256.get(name, known.get(key, ""))
        paths.append(target)
        if target.is_file() and (not expected or sha256_of(target) == expected):
            continue
        remember(folder, key, _bring(entry, name, source, target, expected, progress.of(name)))
    return paths


def _bring(entry: ModelEntry, name: str, source: str, target: Path, expected: str, progress: Progress) -> str:
    if not source:
        return fetch(address(entry.base, name), target, expected, progress)
    places = [f"{entry.folder}/{name}", f"{entry.name}/{name}", name]
    if source.startswith(("http://", "https://")):
        for place in places[:-1]:
            with suppress(MissingError):
                return fetch(f"{source.rstrip('/')}/{place}", target, expected, progress)
        return fetch(f"{source.rstrip('/')}/{name}", target, expected, progress)
    files = [Path(source).expanduser() / place for place in places]
    found = next((file for file in files if file.is_file()), files[-1])
    return copy(found, target, expected, progress)


class FileProgress:
    """Hands out one progress callback a file; the default shows nothing."""

    def of(self, name: str) -> Progress:  # noqa: ARG002
        """The callback for the file `name`."""
        return lambda _have, _size: None
