"""Where the full-size models lie once they are made."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

VERSION = "1"
"""Raised when a maker changes, so that models made before are not used any more."""


def folder() -> Path:
    """$KNIK_FULLSIZE_DIR, or knik/fullsize in the user's cache directory."""
    chosen = os.environ.get("KNIK_FULLSIZE_DIR")
    base = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("knik", appauthor=False)) / "fullsize"
    return base.expanduser().absolute() / VERSION


def made(name: str, make: Callable[[Path], object]) -> Path:
    """The model `name`, made if it is not there yet.

    Args:
        name: Path below `folder`.
        make: Writes a folder of files at the path that it is given.

    Returns:
        The folder; a maker that was interrupted leaves nothing that is taken for finished.
    """
    place = folder() / name
    if place.is_dir():
        return place
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=".making-", dir=place.parent))
    try:
        make(unfinished)
        # Fails if another process was faster, whose model is as good.
        if not place.is_dir():
            unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return place
