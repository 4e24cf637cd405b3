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
from knik.config.schema import Chat, Config, Stt, Tts
from knik.errors import KnikError
from knik.models.catalogue import Kind, ModelEntry, catalogue, find
from knik.models.download import Progress as Report
from knik.models.install import FileProgress, install
from knik.models.locate import locate, models_dir


class _Bars(FileProgress):
    """One bar a file on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def of(self, name: str) -> Report:
        task = self._progress.add_task(name, total=None)
        return lambda have, size: self._progress.update(task, completed=have, total=size or None)


def configured(config: Config, folder: Path) -> list[ModelEntry]:
    """The models that the configuration needs from the catalogue.

    Left out are engines that need no model of ours (a server, a built-in one) and models that are the
    user's own files.

    Raises:
        KnikError: A name is neither in the catalogue nor on this machine, or no model is left.
    """
    parts: tuple[tuple[Kind, Stt | Chat | Tts, str], ...] = (
        ("stt", config.stt, "faster-whisper"),
        ("chat", config.chat, "llama"),
        ("tts", config.tts, "kokoro"),
    )
    known = {entry.name for entry in catalogue()}
    wanted = [
        find(part.model)
        for kind, part, local in parts
        if part.engine in ("auto", local)
        and (part.model in known or locate(kind, part.model, folder) is None)
    ]
    if not wanted:
        raise KnikError(
            "The configuration names no model that knik could fetch.",
            "Name one: knik models download base.en (see: knik models list)",
        )
    return wanted


def download_models(names: list[str], source: str | None, folder: Path | None, *, as_json: bool) -> None:
    """Install the named models, or those that the configuration names."""
    config = load().config
    target = folder or models_dir(config.models.dir)
    wanted = [find(name) for name in names] or configured(config, target)
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
