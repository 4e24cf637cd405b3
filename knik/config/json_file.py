"""Small files that hold one JSON object, which knik keeps for itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_object(path: Path) -> dict[str, Any]:
    """What the file holds; a file that is missing or cannot be read is as good as an empty one."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_object(path: Path, value: Mapping[str, object]) -> None:
    """Replace the file so that it is whole, the old one or the new one; raises `OSError`."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", "utf-8")
    part.replace(path)
