"""What was found out about the models on this machine, kept between runs."""

from pathlib import Path

import platformdirs

from knik.config.json_file import read_object, write_object


def verdicts_file() -> Path:
    """Where the verdicts are kept."""
    return Path(platformdirs.user_state_dir("knik", appauthor=False)) / "short-context.json"


def short_context_harms(model: Path, file: Path | None = None) -> bool:
    """Whether `knik bench --check-short-context` found more word errors with short windows."""
    return read_object(file or verdicts_file()).get(str(model.resolve())) == "harms"


def remember_short_context(model: Path, *, harms: bool, file: Path | None = None) -> None:
    """Keep the verdict on a model.

    Raises:
        OSError: The file cannot be written.
    """
    path = file or verdicts_file()
    write_object(path, {**read_object(path), str(model.resolve()): "harms" if harms else "fine"})
