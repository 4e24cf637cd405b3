"""What `knik models download` does."""

import json
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from knik.config.load import load
from knik.models.catalogue import find
from knik.models.download import Progress as Report
from knik.models.install import FileProgress, install
from knik.models.locate import models_dir


class _Bars(FileProgress):
    """One bar a file on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def of(self, name: str) -> Report:
        task = self._progress.add_task(name, total=None)
        return lambda have, size: self._progress.update(task, completed=have, total=size or None)


def download_models(names: list[str], source: str | None, folder: Path | None, *, as_json: bool) -> None:
    """Install the named models, or those that the configuration names."""
    config = load().config
    wanted = [find(name) for name in names or (config.stt.model, config.chat.model, config.tts.model)]
    target = folder or models_dir(config.models.dir)
    installed: dict[str, list[str]] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for entry in wanted:
            paths = install(entry, target, source or config.models.mirror, _Bars(progress))
            installed[entry.name] = [str(path) for path in paths]
    if as_json:
        typer.echo(json.dumps(installed, indent=2))
        return
    for name, files in installed.items():
        typer.echo(f"{name}: {Path(files[0]).parent}")
