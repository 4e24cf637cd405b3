"""What the commands of `knik models` print."""

import dataclasses
import json

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from knik.cli.models_run import known_kind
from knik.config.load import load
from knik.errors import KnikError
from knik.models.catalogue import KINDS, Kind, ModelEntry, bundles, catalogue
from knik.models.choice import meant
from knik.models.hardware import Hardware, look
from knik.models.installed import Installed, installed
from knik.models.locate import locate, models_dir
from knik.models.predict import memory_of
from knik.models.probe import Speed, probe
from knik.models.recommend import Advice, recommend

TITLES: dict[Kind, str] = {
    "stt": "Listening (Whisper)",
    "chat": "Answering (GGUF)",
    "tts": "Speaking (Kokoro)",
    "turn": "End of turn",
    "wake": "Wake word",
}


def show_models(kind: str | None, *, as_json: bool) -> None:
    """The catalogue, what is installed of it, and the user's own models."""
    config = load().config
    folder = models_dir(config.models.dir)
    kinds = KINDS if kind is None else (known_kind(kind),)
    entries = [entry for entry in catalogue(config.models.extra) if entry.kind in kinds]
    there = {model.name: model for model in installed(folder, config.models.extra)}
    own = [model for model in there.values() if model.entry is None and model.kind in kinds]
    named = {"stt": config.stt.model, "chat": config.chat.model, "tts": config.tts.model}
    used = {kind: meant(kind, named.get(kind, "auto"), folder) for kind in KINDS}
    if as_json:
        known = [
            {
                **dataclasses.asdict(entry),
                "memory": memory_of(entry, config.chat.context),
                "installed": entry.name in there and there[entry.name].complete,
                "used": used[entry.kind] == entry.name,
            }
            for entry in entries
        ]
        yours = [
            {
                "name": m.name,
                "kind": m.kind,
                "files": m.files,
                "installed": m.complete,
                "used": used[m.kind] == m.name,
            }
            for m in own
        ]
        typer.echo(json.dumps(known + yours, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in ("", "name", "MB", "memory", "licence", "good for"):
        table.add_column(
            title, justify="right" if title in ("MB", "memory") else "left", no_wrap=title == "name"
        )
    for one in kinds:
        table.add_row("", f"[bold]{TITLES[one]}[/bold]")
        for entry in entries:
            if entry.kind == one:
                mark = _mark(there.get(entry.name), in_use=used[one] == entry.name)
                table.add_row(mark, *_cells(entry, config.chat.context))
        for model in own:
            if model.kind == one:
                mark = _mark(model, in_use=used[one] == model.name)
                table.add_row(mark, escape(model.name), str(model.megabytes(folder)), "", "", "your own")
    console = Console()
    console.print(table)
    console.print("\n● in use  ✓ installed  … not complete. Bundles for knik models download:")
    for bundle in bundles():
        console.print(f"  [bold]{bundle.name}[/bold]: {', '.join(bundle.names)}; {bundle.note}")


def _cells(entry: ModelEntry, context: int) -> tuple[str, ...]:
    memory = str(memory_of(entry, context)) if entry.parameters else ""
    return escape(entry.name), str(entry.megabytes or ""), memory, escape(entry.licence), escape(entry.note)


def _mark(model: Installed | None, *, in_use: bool) -> str:
    if model is None:
        return ""
    if not model.complete:
        return "…"
    return "●" if in_use else "✓"


def show_path(name: str | None) -> None:
    """Where models lie, or one of them."""
    config = load().config
    folder = models_dir(config.models.dir)
    if name is None:
        typer.echo(folder)
        return
    for kind in KINDS:
        path = locate(kind, name, folder)
        if path is not None:
            typer.echo(path)
            return
    raise KnikError(f'"{name}" is not in {folder}.', f"Fetch it: knik models download {name}")


def show_advice(*, as_json: bool) -> None:
    """What suits this machine."""
    config = load().config
    hardware = look(models_dir(config.models.dir))
    speed = probe()
    advice = recommend(hardware, speed, context=config.chat.context)
    if as_json:
        typer.echo(json.dumps(_as_json(hardware, speed, advice), indent=2))
        return
    console = Console()
    console.print(_machine(hardware), highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("", "bundle", "download", "memory", "first sound", "models"):
        table.add_column(title, justify="right" if title in ("download", "memory", "first sound") else "left")
    for a in advice:
        table.add_row(
            "→" if a.recommended else "",
            a.bundle.name,
            f"{a.megabytes / 1000:.1f} GB",
            f"{a.prediction.memory / 1000:.1f} GB",
            f"{a.prediction.first_sound:.1f} s",
            ", ".join(a.bundle.names),
        )
    console.print(table)
    for a in advice:
        if a.recommended:
            console.print(f"\n{a.bundle.name}: {a.why}. Fetch it: knik models download {a.bundle.name}")
        elif not a.fits:
            console.print(f"{a.bundle.name}: {a.why}.")
    if not any(a.recommended for a in advice):
        console.print("\nThe built-in engines run on any machine: knik chat")


def _machine(hardware: Hardware) -> str:
    card = f"; {hardware.gpu.name}" if hardware.gpu else "; no graphics card that knik knows to use"
    instructions = ", ".join(hardware.instructions) or "instructions unknown"
    return (
        f"{hardware.cpu}, {hardware.cores} cores ({instructions}); "
        f"{hardware.free / 1000:.1f} of {hardware.memory / 1000:.1f} GB of memory free; "
        f"{hardware.disk / 1000:.0f} GB of disk free{card}\n"
    )


def _as_json(hardware: Hardware, speed: Speed, advice: list[Advice]) -> dict[str, object]:
    return {
        "hardware": dataclasses.asdict(hardware),
        "speed": dataclasses.asdict(speed),
        "bundles": [
            {
                "name": a.bundle.name,
                "models": a.bundle.names,
                "download_mb": a.megabytes,
                "memory_mb": a.prediction.memory,
                "seconds": {
                    "stt": round(a.prediction.stt, 3),
                    "chat": round(a.prediction.chat, 3),
                    "tts": round(a.prediction.tts, 3),
                    "first_sound": round(a.prediction.first_sound, 3),
                },
                "fits": a.fits,
                "why": a.why,
                "recommended": a.recommended,
            }
            for a in advice
        ],
    }
