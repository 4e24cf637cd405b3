"""Installs a model of the catalogue from its source, a mirror or a folder."""

from pathlib import Path

from knik.errors import KnikError
from knik.models.catalogue import ModelEntry
from knik.models.download import Progress, address, copy, fetch, remember, remembered, sha256_of


def install(
    entry: ModelEntry, folder: Path, source: str, progress: "FileProgress", *, again: bool = False
) -> list[Path]:
    """Bring all files of a model into the models folder; files that are there and right stay.

    Args:
        entry: The model.
        folder: The models folder.
        source: A folder or an address to take the files from; "" for their own addresses. Below it
            they lie either as in the models folder or side by side.
        progress: Told the file and how much of it is there.
        again: Fetch even what is there.

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
        if target.is_file() and not again and (not expected or sha256_of(target) == expected):
            continue
        remember(folder, key, _bring(entry, name, source, target, expected, progress.of(name)))
    return paths


def _bring(entry: ModelEntry, name: str, source: str, target: Path, expected: str, progress: Progress) -> str:
    if not source:
        return fetch(address(entry.base, name), target, expected, progress)
    if source.startswith(("http://", "https://")):
        base = source.rstrip("/") + "/"
        try:
            return fetch(f"{base}{entry.folder}/{name}", target, expected, progress)
        except KnikError as error:
            if "says 404" not in error.message:
                raise
        return fetch(base + name, target, expected, progress)
    root = Path(source).expanduser()
    places = [root / entry.folder / name, root / entry.name / name, root / name]
    found = next((place for place in places if place.is_file()), places[-1])
    return copy(found, target, expected, progress)


class FileProgress:
    """Hands out one progress callback a file; the default shows nothing."""

    def of(self, name: str) -> Progress:  # noqa: ARG002
        """The callback for the file `name`."""
        return lambda _have, _size: None
