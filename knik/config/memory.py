"""Small things that are no settings and that knik remembers between runs, in the user's state folder."""

import json
from pathlib import Path

import platformdirs


def memory_path() -> Path:
    """Where it is kept (XDG_STATE_HOME on Linux)."""
    return platformdirs.user_state_path("knik", appauthor=False) / "state.json"


def recall(name: str) -> object:
    """What was remembered under this name, or None; a file that cannot be read is as good as none."""
    try:
        found = json.loads(memory_path().read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found.get(name) if isinstance(found, dict) else None


def remember(name: str, value: object) -> None:
    """Keep a value that JSON can hold; raises `OSError` when the file cannot be written."""
    path = memory_path()
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        found = {}
    kept = found if isinstance(found, dict) else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps({**kept, name: value}, indent=2) + "\n", "utf-8")
    part.replace(path)
