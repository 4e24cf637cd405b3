"""Small things that are no settings and that knik remembers between runs, in the user's state folder."""

from pathlib import Path

import platformdirs

from knik.config.json_file import read_object, write_object


def memory_path() -> Path:
    """Where it is kept (XDG_STATE_HOME on Linux)."""
    return platformdirs.user_state_path("knik", appauthor=False) / "state.json"


def recall(name: str) -> object:
    """What was remembered under this name, or None; a file that cannot be read is as good as none."""
    return read_object(memory_path()).get(name)


def remember(name: str, value: object) -> None:
    """Keep a value that JSON can hold; raises `OSError` when the file cannot be written."""
    path = memory_path()
    write_object(path, {**read_object(path), name: value})
