"""Where models lie on this machine."""

from pathlib import Path

import platformdirs

from knik.models.catalogue import Kind, catalogue


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
    path. A model counts as installed when all of its files are there; a file that is still being
    downloaded has another name.
    """
    path = Path(name).expanduser()
    if path.is_absolute() or len(path.parts) > 1:
        return path if path.exists() else None
    for entry in catalogue():
        if entry.kind == kind and entry.name == name:
            place = folder / entry.folder
            if not all((place / file).is_file() for file in entry.files):
                return None
            return place / entry.files[0] if kind == "chat" else place
    for candidate in (folder / kind / name, folder / kind / f"{name}.gguf"):
        if candidate.is_dir() or candidate.is_file():
            return candidate if any_file(candidate) else None
    return None


def any_file(path: Path) -> bool:
    """Whether a file, or a folder with a finished file in it, is there."""
    if path.is_file():
        return True
    return any(child.is_file() and child.suffix != ".part" for child in path.iterdir())
