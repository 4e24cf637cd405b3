"""What lies in the models folder: whole or damaged, of the catalogue or the user's own."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from knik.config.schema import Extra
from knik.models.catalogue import KINDS, Kind, ModelEntry, catalogue
from knik.models.choice import forget
from knik.models.files import Progress, disremember, remembered, sha256_of, telling
from knik.models.locate import FILE_KINDS, SUFFIXES, locate

State = Literal["intact", "damaged", "missing", "unknown"]
"""Of a file; "unknown" is one whose checksum nobody knows."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model in the folder.

    Attributes:
        name: By which the configuration can call it.
        kind: What it is for.
        files: Its files, as paths below the models folder; some may be missing.
        complete: Whether it can be used.
        entry: What the catalogue says of it, or None for the user's own.
    """

    name: str
    kind: Kind
    files: tuple[str, ...]
    complete: bool
    entry: ModelEntry | None = None

    def paths(self, folder: Path) -> list[Path]:
        """Its files that are there."""
        return [folder / file for file in self.files if (folder / file).is_file()]

    def megabytes(self, folder: Path) -> int:
        """What it takes on disk; linked files count as what they link to."""
        return round(sum(path.stat().st_size for path in self.paths(folder)) / 1e6)


def installed(folder: Path, extra: Mapping[str, Extra] | None = None) -> list[Installed]:
    """Every model of which anything is in the folder, whole or not."""
    entries = catalogue(extra)
    known = [_of_catalogue(entry, folder) for entry in entries]
    there = [model for model in known if _begun(model, folder)]
    claimed = {file for model in known for file in model.files}
    return there + [model for model in _own(folder) if not claimed & set(model.files)]


def _of_catalogue(entry: ModelEntry, folder: Path) -> Installed:
    files = tuple(f"{entry.folder}/{file}" for file in entry.files)
    complete = all((folder / file).is_file() for file in files)
    return Installed(entry.name, entry.kind, files, complete, entry)


def _begun(model: Installed, folder: Path) -> bool:
    return bool(model.paths(folder)) or any((folder / f"{file}.part").is_file() for file in model.files)


def _own(folder: Path) -> Iterator[Installed]:
    """Models that lie in the folder of their kind without the catalogue knowing them."""
    for kind in KINDS:
        place = folder / kind
        for path in sorted(place.iterdir()) if place.is_dir() else []:
            if path.is_dir():
                files = sorted(file for file in path.rglob("*") if file.is_file())
                name, whole = path.name, locate(kind, path.name, folder) is not None
            elif kind in FILE_KINDS and path.suffix in SUFFIXES[kind]:
                files, name, whole = [path], path.stem if kind == "chat" else path.name, True
            else:
                continue
            if files:
                below = tuple(file.relative_to(folder).as_posix() for file in files)
                yield Installed(name, kind, below, whole)


def check(model: Installed, folder: Path, progress: Progress) -> dict[str, State]:
    """Read all of a model's files again and compare their checksums; the state of each."""
    known = remembered(folder)
    states: dict[str, State] = {}
    for file in model.files:
        path = folder / file
        expected = model.entry.sha256.get(Path(file).name, "") if model.entry is not None else ""
        expected = expected or known.get(file, "")
        if not path.is_file():
            states[file] = "missing"
        elif not expected:
            states[file] = "unknown"
        else:
            states[file] = "intact" if sha256_of(path, progress) == expected else "damaged"
    return states


def remove(model: Installed, folder: Path) -> int:
    """Delete a model, what a broken download left of it included; returns the bytes that are free now.

    The folder's lock has to be held. Of a linked model only the link goes.

    Raises:
        KnikError: A file cannot be deleted.
    """
    freed = 0
    with telling(folder):
        for file in model.files:
            path = folder / file
            for left in (path, path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.etag")):
                if left.is_symlink() or left.is_file():
                    freed += 0 if left.is_symlink() else left.stat().st_size
                    left.unlink()
        for place in {(folder / file).parent for file in model.files}:
            if place not in (folder, folder / model.kind) and place.is_dir() and not any(place.iterdir()):
                shutil.rmtree(place)
    disremember(folder, set(model.files))
    forget(folder, model.name)
    return freed
