"""The recordings of a folder, and what is said in them."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knik.errors import KnikError

SUFFIXES = frozenset((".wav", ".flac", ".ogg", ".mp3"))
MANIFEST_PATHS = ("audio_filepath", "audio", "path", "file", "wav")
MANIFEST_TEXTS = ("text", "transcript", "sentence", "reference")
"""Names under which manifests of NeMo, Common Voice and others hold path and transcript."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound file and its transcript, or None where there is none."""

    path: Path
    reference: str | None = None


def recordings(place: Path) -> list[Recording]:
    """All recordings in a folder and below it, in the order of their names; or a single file.

    References come from `name.txt` beside the file, from LibriSpeech's `*.trans.txt`, or from a manifest
    `*.jsonl` or `*.csv` in the folder.

    Raises:
        KnikError: There is no such folder, no recording in it, or a manifest is broken.
    """
    if place.is_file():
        return [Recording(place, _beside(place))]
    if not place.is_dir():
        raise KnikError(f"{place}: there is no such folder.", "Give a folder of WAV files.", exit_code=2)
    files = sorted(path for path in place.rglob("*") if path.suffix.casefold() in SUFFIXES)
    if not files:
        raise KnikError(
            f"{place}: holds no recording ({', '.join(sorted(SUFFIXES))}).",
            "Give a folder of WAV files.",
            exit_code=2,
        )
    listed = dict(_listed(place))
    return [Recording(path, _beside(path) or listed.get(path.resolve())) for path in files]


def _beside(path: Path) -> str | None:
    text = path.with_suffix(".txt")
    return text.read_text("utf-8", "replace").strip() if text.is_file() else None


def _listed(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*.trans.txt")):
        for line in path.read_text("utf-8", "replace").splitlines():
            name, _, text = line.partition(" ")
            for suffix in SUFFIXES:
                yield (path.parent / f"{name}{suffix}").resolve(), text.strip()
    for path in sorted([*folder.glob("*.jsonl"), *folder.glob("*.csv")]):
        try:
            rows = list(_rows(path))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise KnikError(f"{path}: cannot be read ({error}).", "Write manifests in UTF-8.") from error
        for number, row in rows:
            audio = next((row[key] for key in MANIFEST_PATHS if row.get(key)), None)
            said = next((row[key] for key in MANIFEST_TEXTS if row.get(key) is not None), None)
            if audio is None or said is None:
                raise KnikError(
                    f"{path}, line {number}: has no path ({', '.join(MANIFEST_PATHS)}) or no text"
                    f" ({', '.join(MANIFEST_TEXTS)})."
                )
            yield (path.parent / str(audio)).resolve(), str(said).strip()


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, object]]]:
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            yield from enumerate(csv.DictReader(file), 2)
            return
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise KnikError(f"{path}, line {number}: is no JSON ({error}).") from error
            if not isinstance(row, dict):
                raise KnikError(f"{path}, line {number}: is no JSON object.")
            yield number, row
