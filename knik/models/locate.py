"""Where models lie on this machine."""

from pathlib import Path

import platformdirs

from knik.models.catalogue import Kind, catalogue
from knik.models.choice import meant

FILE_KINDS = ("chat", "turn", "wake")
"""Kinds whose engines open one file; the others take a folder."""

SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "stt": (".bin",),
    "chat": (".gguf",),
    "tts": (".onnx",),
    "turn": (".onnx",),
    "wake": (".onnx",),
}
"""How the file that holds a model's weights ends."""


def models_dir(configured: str = "") -> Path:
    """The configured folder, else models/ of the checkout that knik runs from, else XDG's data folder."""
    if configured:
        return Path(configured).expanduser()
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "models" / "README.md").is_file() and (checkout / "pyproject.toml").is_file():
        return checkout / "models"
    return Path(platformdirs.user_data_dir("knik", appauthor=False)) / "models"


def locate(kind: Kind, name: str, folder: Path) -> Path | None:
    """The installed model that `name` means, or None.

    `name` is a short name of the catalogue, the name of a file or folder below `folder`/`kind`, or a
    path; "auto" is the model that was fetched or chosen last. A model counts as installed when all of
    its files are there; a file that is still being downloaded has another name.
    """
    name = meant(kind, name, folder)
    path = Path(name).expanduser()
    if path.is_absolute() or len(path.parts) > 1:
        return path if path.exists() else None
    for entry in catalogue():
        if entry.kind == kind and entry.name == name:
            place = folder / entry.folder
            if not all((place / file).is_file() for file in entry.files):
                return None
            return place / entry.files[0] if kind in FILE_KINDS else place
    for candidate in (folder / kind / name, *(folder / kind / f"{name}{end}" for end in SUFFIXES[kind])):
        if candidate.is_file():
            return candidate
        if candidate.is_dir():
            return _in_folder(kind, candidate)
    return None


def _in_folder(kind: Kind, folder: Path) -> Path | None:
    """A model in a folder of its own; engines of `FILE_KINDS` want the file."""
    files = sorted(child for child in folder.iterdir() if child.is_file() and child.suffix in SUFFIXES[kind])
    if not files:
        return None
    return files[0] if kind in FILE_KINDS else folder
