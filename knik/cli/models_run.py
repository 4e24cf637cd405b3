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
from knik.config.schema import Config
from knik.errors import KnikError
from knik.models.catalogue import ModelEntry, catalogue, find
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


def configured(config: Config) -> list[ModelEntry]:
    """The models that the configuration needs and the catalogue has.

    An engine that needs no model of ours (a server, a built-in one) and a model that is a file of the
    user's own are left out.

    Raises:
        KnikError: Nothing is left.
    """
    parts = ((config.stt, "faster-whisper"), (config.chat, "llama"), (config.tts, "kokoro"))
    names = {part.model for part, local in parts if part.engine in ("auto", local)}
    wanted = [entry for entry in catalogue() if entry.name in names]
    if not wanted:
        raise KnikError(
            "The configuration names no model that knik could fetch.",
            "Name one: knik models download base.en (see: knik models list)",
        )
    return wanted


def download_models(names: list[str], source: str | None, folder: Path | None, *, as_json: bool) -> None:
    """Install the named models, or those that the configuration names."""
    config = load().config
    wanted = [find(name) for name in names] or configured(config)
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
