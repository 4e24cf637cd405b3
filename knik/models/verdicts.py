"""What was found out about the models on this machine, kept between runs."""

import contextlib
import json
from pathlib import Path

import platformdirs


def verdicts_file() -> Path:
    """Where the verdicts are kept."""
    return Path(platformdirs.user_state_dir("knik", appauthor=False)) / "short-context.json"


def short_context_harms(model: Path, file: Path | None = None) -> bool:
    """Whether `knik bench --check-short-context` found more word errors with short windows."""
    return _read(file or verdicts_file()).get(str(model.resolve())) == "harms"


def remember_short_context(model: Path, *, harms: bool, file: Path | None = None) -> None:
    """Keep the verdict on a model.

    Raises:
        OSError: The file cannot be written.
    """
    path = file or verdicts_file()
    verdicts = {**_read(path), str(model.resolve()): "harms" if harms else "fine"}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(verdicts, indent=1), "utf-8")
    unfinished.replace(path)


def _read(path: Path) -> dict[str, str]:
    # A file that cannot be read is as good as none: the check can be repeated.
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict):
            return found
    return {}
