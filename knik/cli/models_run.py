"""What the commands of `knik models` do that change or read model files."""

import json
import sys
from collections.abc import Sequence
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

from knik.config.load import Loaded, load
from knik.config.schema import Chat, Config, Stt, Tts
from knik.errors import KnikError
from knik.models.catalogue import KINDS, Kind, ModelEntry, catalogue, find, select
from knik.models.choice import AUTO, choose
from knik.models.files import Progress as Report
from knik.models.guard import guarded
from knik.models.hardware import look
from knik.models.imports import bring_in, kind_of
from knik.models.install import FileProgress, install
from knik.models.installed import Installed, State, check, installed, remove
from knik.models.locate import locate, models_dir
from knik.models.probe import probe
from knik.models.recommend import recommend

WAITING = "Another knik is changing the models folder; waiting for it. Ctrl-C gives up."


class _Bars(FileProgress):
    """One bar a file on stderr."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def of(self, name: str) -> Report:
        task = self._progress.add_task(name, total=None)
        return lambda have, size: self._progress.update(task, completed=have, total=size or None)

    def waiting(self) -> None:
        self._progress.console.print(WAITING)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _tell_waiting() -> None:
    typer.echo(WAITING, err=True)


def configured(config: Config, folder: Path) -> list[ModelEntry]:
    """The models that the configuration names and that can be fetched.

    Left out are models that are left open ("auto"), engines that need no model of ours (a server, a
    built-in one) and models that are the user's own files.

    Raises:
        KnikError: A name is neither in the catalogue nor on this machine.
    """
    known = {entry.name for entry in catalogue(config.models.extra)}
    return [
        find(part.model, config.models.extra)
        for kind, part, local in _parts(config)
        if part.engine in ("auto", local)
        and part.model != AUTO
        and (part.model in known or locate(kind, part.model, folder) is None)
    ]


def _parts(config: Config) -> tuple[tuple[Kind, Stt | Chat | Tts, str], ...]:
    return (
        ("stt", config.stt, "faster-whisper"),
        ("chat", config.chat, "llama"),
        ("tts", config.tts, "kokoro"),
    )


def suggested(config: Config, folder: Path) -> tuple[list[ModelEntry], str]:
    """What to fetch when no name is given, and why: the configured models, or what suits this machine.

    Raises:
        KnikError: Nothing is left to fetch, or a configured name is unknown.
    """
    named = configured(config, folder)
    left_open = [
        kind for kind, part, local in _parts(config) if part.engine in ("auto", local) and part.model == AUTO
    ]
    if not named and not left_open:
        raise KnikError(
            "The configuration names no model that knik could fetch.",
            "Name one: knik models download base.en (see: knik models list)",
        )
    if not left_open:
        return named, "The configuration names these."
    advice = recommend(look(folder), probe(), context=config.chat.context)
    best = next((a for a in advice if a.recommended), None)
    if best is None:
        raise KnikError(
            f"No bundle fits this machine: {advice[0].why}.",
            "The built-in engines work without models. Or name a model: knik models download tiny.en",
        )
    entries = [entry for entry in select([best.bundle.name]) if entry.kind in left_open]
    return named + entries, f'The bundle "{best.bundle.name}" suits this machine: {best.why}.'


def download_models(
    names: list[str], source: str | None, folder: Path | None, *, yes: bool, as_json: bool
) -> None:
    """Install the named models, or those that suit."""
    config = load().config
    target = folder or models_dir(config.models.dir)
    if names:
        wanted = select(names, config.models.extra)
    else:
        wanted, why = suggested(config, target)
        _offer(wanted, why, yes=yes or as_json)
    with _progress() as progress:
        paths = install(wanted, target, source or config.models.mirror, _Bars(progress))
    if as_json:
        typer.echo(json.dumps({name: [str(p) for p in files] for name, files in paths.items()}, indent=2))
        return
    for name, files in paths.items():
        typer.echo(f"{name}: {files[0].parent}")


def _offer(wanted: Sequence[ModelEntry], why: str, *, yes: bool) -> None:
    """Say what would be fetched, and ask where there is somebody to ask."""
    total = sum(entry.megabytes for entry in wanted)
    listed = ", ".join(f"{entry.name} ({entry.megabytes} MB)" for entry in wanted)
    typer.echo(f"{why}\n{listed}: {total / 1000:.1f} GB in all.", err=True)
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm("Fetch them?", default=True, abort=True, err=True)


def use_models(names: list[str]) -> None:
    """Let "auto" mean installed models."""
    loaded = load()
    folder = models_dir(loaded.config.models.dir)
    chosen = _named(names, folder, loaded)
    missing = [model.name for model in chosen if not model.complete]
    if missing:
        raise KnikError(
            f"Not installed: {', '.join(missing)}.", f"Fetch it: knik models download {' '.join(missing)}"
        )
    with guarded(folder, _tell_waiting):
        choose(folder, {model.kind: model.name for model in chosen})
    for model in chosen:
        section = loaded.config.model_dump().get(model.kind, {})
        if section.get("model", AUTO) not in (AUTO, model.name):
            typer.echo(
                f'Note: the configuration says {model.kind}.model = "{section["model"]}", which goes before.',
                err=True,
            )
        typer.echo(f"{model.kind}: {model.name}")


def remove_models(names: list[str], *, yes: bool) -> None:
    """Delete models, after having said what that frees."""
    loaded = load()
    folder = models_dir(loaded.config.models.dir)
    there = installed(folder, loaded.config.models.extra)
    doomed = [model for model in _named(names, folder, loaded) if model in there]
    if not doomed:
        raise KnikError(f"Not installed: {', '.join(names)}.", "See: knik models list")
    listed = ", ".join(f"{model.name} ({model.megabytes(folder)} MB)" for model in doomed)
    if not yes:
        if not sys.stdin.isatty():
            raise KnikError(
                f"This would remove {listed}.", "To do it without being asked: --yes", exit_code=2
            )
        typer.confirm(f"Remove {listed}?", abort=True, err=True)
    with guarded(folder, _tell_waiting):
        freed = sum(remove(model, folder) for model in doomed)
    typer.echo(f"Removed {listed}; {freed / 1e6:.0f} MB are free again.")


def verify_models(names: list[str], *, as_json: bool) -> None:
    """Compare checksums, and exit with 1 when a model is not intact."""
    loaded = load()
    folder = models_dir(loaded.config.models.dir)
    models = _named(names, folder, loaded) if names else installed(folder, loaded.config.models.extra)
    with _progress() as progress:
        states = {model.name: check(model, folder, _bar(progress, model.name)) for model in models}
    if as_json:
        typer.echo(json.dumps(states, indent=2))
    else:
        _tell_states(states, folder)
    if any(state in ("damaged", "missing") for files in states.values() for state in files.values()):
        raise typer.Exit(1)


def _bar(progress: Progress, name: str) -> Report:
    return _Bars(progress).of(name)


def _tell_states(states: dict[str, dict[str, State]], folder: Path) -> None:
    if not states:
        typer.echo(f"There are no models in {folder}.", err=True)
    for name, files in states.items():
        found = set(files.values())
        if found <= {"intact"}:
            typer.echo(f"{name}: intact")
        elif found <= {"intact", "unknown"}:
            typer.echo(f"{name}: there; nobody knows the checksum of all its files")
        else:
            wrong = ", ".join(f"{file} is {state}" for file, state in files.items() if state != "intact")
            typer.echo(f"{name}: {wrong}. Mend it: knik models download {name}")


def import_own(source: Path, name: str | None, kind: str | None, *, link: bool) -> None:
    """Take a model of the user's into the folder."""
    path = source.expanduser()
    folder = models_dir(load().config.models.dir)
    meant = kind_of(path) if kind is None else known_kind(kind)
    called = name or (path.stem if path.is_file() else path.resolve().name)
    with _progress() as progress, guarded(folder, _tell_waiting):
        paths = bring_in(path, called, meant, folder, _bar(progress, called), link=link)
    typer.echo(f"{called}: {paths[0] if len(paths) == 1 else paths[0].parent}")


def known_kind(kind: str) -> Kind:
    """The kind by its name; raises `KnikError` for another."""
    for one in KINDS:
        if kind == one:
            return one
    raise KnikError(f'There is no kind "{kind}"; there are {", ".join(KINDS)}.', exit_code=2)


def _named(names: Sequence[str], folder: Path, loaded: Loaded) -> list[Installed]:
    """The models that names and bundles mean, installed or not.

    Raises:
        KnikError: A name is neither a model, a bundle, nor one of the user's own in the folder.
    """
    extra = loaded.config.models.extra
    there = {model.name: model for model in installed(folder, extra)}
    found: dict[str, Installed] = {}
    for name in names:
        if name in there:
            found[name] = there[name]
            continue
        for entry in select([name], extra):
            files = tuple(f"{entry.folder}/{file}" for file in entry.files)
            found[entry.name] = there.get(entry.name) or Installed(
                entry.name, entry.kind, files, False, entry
            )
    return list(found.values())
