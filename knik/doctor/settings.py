"""The configuration, and the folders that knik keeps things in."""

import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from knik.config.load import default_path, load
from knik.config.schema import Config
from knik.doctor.report import Finding
from knik.errors import KnikError
from knik.models.locate import models_dir


def check_configuration() -> tuple[Finding, Config]:
    """Whether the configuration is valid, and it, or the defaults where it is not."""
    try:
        loaded = load()
    except KnikError as error:
        told = f"{error.message.rstrip('.')}; the other checks go by the defaults"
        return Finding("configuration", "file", "failure", told, error.remedy), Config()
    told = str(loaded.path) if loaded.path.exists() else f"no {loaded.path}; the defaults hold"
    changed = len(loaded.origins)
    if changed:
        told += f", {changed} value{'' if changed == 1 else 's'} changed"
    facts: dict[str, object] = {"path": str(loaded.path), "origins": dict(loaded.origins)}
    return Finding("configuration", "file", "ok", told, "", facts), loaded.config


def folders(config: Config) -> dict[str, Path]:
    """Every folder that knik writes to, by what it is for. Deleting them removes all traces of knik."""
    own = platformdirs.PlatformDirs("knik", appauthor=False)
    found = {
        "configuration": default_path().parent,
        "models": models_dir(config.models.dir),
        "data": own.user_data_path,
        "cache": own.user_cache_path,
        "state": own.user_state_path,
    }
    if config.transcript.dir:
        found["transcripts"] = Path(config.transcript.dir).expanduser()
    return found


def check_folders(config: Config) -> Iterator[Finding]:
    """Where things lie, what they take, and whether knik may write there."""
    for name, folder in folders(config).items():
        facts: dict[str, object] = {"path": str(folder), "there": folder.is_dir()}
        if not folder.exists():
            yield Finding("folders", name, "ok", f"{folder}, not there yet", "", facts)
        elif not folder.is_dir():
            yield Finding("folders", name, "failure", f"{folder} is no folder", "Move that file away", facts)
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            remedy = f'Make it yours: sudo chown -R "$USER" {folder}'
            yield Finding("folders", name, "failure", f"{folder} cannot be written", remedy, facts)
        else:
            size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
            yield Finding(
                "folders", name, "ok", f"{folder}, {size / 1e6:,.1f} MB", "", {**facts, "bytes": size}
            )
