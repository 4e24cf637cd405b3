"""What `knik doctor` does."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

import typer
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from knik.cli.panel import meter
from knik.cli.quiet import quiet_stderr
from knik.config.schema import Config
from knik.doctor.engines import check_engines, imports
from knik.doctor.models import check_models
from knik.doctor.report import Finding, healthy
from knik.doctor.settings import check_configuration, check_folders
from knik.doctor.sound import CHIRPS, LISTEN_SECONDS
from knik.doctor.sounding import check_sound
from knik.doctor.system import check_gpu, check_libraries, check_machine
from knik.models.hardware import look
from knik.models.locate import models_dir

MARKS = {"ok": ("✓", "green"), "warning": ("!", "bold yellow"), "failure": ("✗", "bold red")}
NAME_WIDTH = 18
PAPER_WIDTH = 1_000
UNWATCHED_SECONDS = 1.0
"""How long the room is listened to where nobody sees the meter."""


def run(input_device: str | None, output_device: str | None, *, chirps: bool, as_json: bool) -> None:
    """Make every check, print what each finds as it finds it, and exit with 1 when something failed."""
    talk = Console(stderr=True)
    found: list[Finding] = []
    out = Console(highlight=False)
    if not out.is_terminal:
        # A file has no width; every finding is one line there.
        out.width = PAPER_WIDTH
    area = ""
    for finding in _examine(talk, input_device, output_device, CHIRPS if chirps else 0):
        found.append(finding)
        if as_json:
            continue
        if finding.area != area:
            out.print(Text(f"\n{finding.area}" if area else finding.area, style="bold"))
            area = finding.area
        out.print(line(finding))
    if as_json:
        report = {"healthy": healthy(found), "findings": [asdict(finding) for finding in found]}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        out.print(summary(found))
    if not healthy(found):
        raise typer.Exit(1)


def _examine(
    talk: Console, input_device: str | None, output_device: str | None, chirps: int
) -> Iterator[Finding]:
    configuration, config = check_configuration()
    config = _with_devices(config, input_device, output_device)
    yield configuration
    yield from check_folders(config)
    yield from check_libraries()
    folder = models_dir(config.models.dir)
    with _waiting(talk, "looking at the machine and trying the engines"):
        machine, engines = look(folder), imports()
    yield from check_machine(machine, folder)
    yield check_gpu(machine, engines)
    yield from check_engines(engines, config)
    with _reading(talk) as on_file:
        findings = list(check_models(config, on_file))
    yield from findings
    if engines["sounddevice"].works:
        seconds = LISTEN_SECONDS if talk.is_terminal else UNWATCHED_SECONDS
        with _listening(talk) as on_level:
            findings = list(check_sound(config, chirps=chirps, seconds=seconds, on_level=on_level))
        yield from findings


def _with_devices(config: Config, input_device: str | None, output_device: str | None) -> Config:
    chosen = {"input": input_device, "output": output_device}
    given = {name: value for name, value in chosen.items() if value is not None}
    return config.model_copy(update={"audio": config.audio.model_copy(update=given)})


def line(finding: Finding) -> Table:
    """A finding as a line, and what mends it below."""
    mark, style = MARKS[finding.status]
    told = Text(finding.told)
    if finding.remedy:
        told.append(f"\n→ {finding.remedy}", "dim" if finding.status == "ok" else "cyan")
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=3, justify="right")
    grid.add_column(width=NAME_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(Text(mark, style), Text(finding.name, "bold"), told)
    return grid


def summary(found: list[Finding]) -> Text:
    """The last line."""
    counts = {status: sum(finding.status == status for finding in found) for status in MARKS}
    parts = [
        f"{counts[status]} {status}{'' if counts[status] == 1 else 's'}"
        for status in ("failure", "warning")
        if counts[status]
    ]
    if not parts:
        return Text(f"\nAll {counts['ok']} checks are fine.", "bold green")
    worst = "failure" if counts["failure"] else "warning"
    return Text(f"\n{', '.join(parts)}; {counts['ok']} checks are fine.", MARKS[worst][1])


@contextmanager
def _waiting(talk: Console, what: str) -> Iterator[None]:
    if not talk.is_terminal:
        yield
        return
    with talk.status(f"{what} …"):
        yield


@contextmanager
def _reading(talk: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A bar for the model whose checksum is taken."""
    columns = (TextColumn("reading {task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=talk, transient=True, disable=not talk.is_terminal) as progress:
        task = progress.add_task("models", total=None)
        yield lambda name, have, size: progress.update(task, description=name, completed=have, total=size)


@contextmanager
def _listening(talk: Console) -> Iterator[Callable[[float], None]]:
    """The level of the microphone, live, while the room is listened to."""
    if not talk.is_terminal:
        yield lambda _: None
        return
    with quiet_stderr(), Live(Text("opening the microphone …"), console=talk, transient=True) as live:

        def show(level: float) -> None:
            live.update(Text("say something  ").append_text(meter(level)).append(f"  {level:4.0f} dBFS"))

        yield show
