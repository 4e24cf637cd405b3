"""Whether the models that the configuration names are there, and whether every installed one is whole."""

from collections.abc import Callable, Iterator
from pathlib import Path

from knik.config.schema import Chat, Config, Stt, Tts
from knik.doctor.report import Finding
from knik.models.catalogue import Kind
from knik.models.choice import meant
from knik.models.installed import Installed, check, installed
from knik.models.locate import locate, models_dir

OnFile = Callable[[str, int, int], None]
"""Told which model is read, the bytes that were, and the bytes there are."""

PARTS: tuple[tuple[Kind, str, str], ...] = (
    ("stt", "faster-whisper", "the built-in ear serves"),
    ("chat", "llama", "the built-in answers serve"),
    ("tts", "kokoro", "the built-in voice serves"),
)
"""What is needed, the engine that needs a model for it, and what serves without one."""


def check_models(config: Config, on_file: OnFile = lambda *_: None) -> Iterator[Finding]:
    """First what the configuration asks for, then every installed model against its checksums."""
    folder = models_dir(config.models.dir)
    for kind, engine, instead in PARTS:
        yield _wanted(kind, engine, instead, getattr(config, kind), folder)
    for model in installed(folder, config.models.extra):
        yield _whole(model, folder, on_file)


def _wanted(kind: Kind, engine: str, instead: str, part: Stt | Chat | Tts, folder: Path) -> Finding:
    name = f"{kind} model"
    if part.engine == "openai":
        return Finding("models", name, "ok", f"{part.model} at {part.url or 'no address'}")
    if part.engine not in ("auto", engine):
        return Finding("models", name, "ok", f"none is needed: {part.engine} was chosen")
    model = meant(kind, part.model, folder)
    path = locate(kind, part.model, folder)
    facts: dict[str, object] = {"model": model, "path": str(path) if path else None}
    if path is not None:
        return Finding("models", name, "ok", f"{model} in {path}", "", facts)
    remedy = f"Fetch it: knik models download {model}"
    if part.engine == "auto":
        return Finding("models", name, "warning", f"{model} is not installed; {instead}", remedy, facts)
    return Finding("models", name, "failure", f"{model} is not installed", remedy, facts)


def _whole(model: Installed, folder: Path, on_file: OnFile) -> Finding:
    size = model.megabytes(folder)
    facts: dict[str, object] = {"kind": model.kind, "megabytes": size}
    try:
        states = check(model, folder, lambda have, whole: on_file(model.name, have, whole))
    except OSError as error:
        told = f"cannot be read ({error.strerror})"
        return Finding("models", model.name, "failure", told, f"Look at {folder}", facts)
    facts["files"] = dict(states)
    broken = [Path(file).name for file, state in states.items() if state in ("damaged", "missing")]
    if broken:
        damaged = any(state == "damaged" for state in states.values())
        told = f"{'damaged' if damaged else 'incomplete'}: {', '.join(broken)}"
        fetch = f"Fetch it again: knik models download {model.name}"
        remedy = (
            fetch
            if model.entry is not None
            else f"Bring a whole copy: knik models import FILE --name {model.name}"
        )
        return Finding("models", model.name, "failure" if damaged else "warning", told, remedy, facts)
    unknown = all(state == "unknown" for state in states.values())
    told = f"{size:,} MB, {'no checksum known' if unknown else 'intact'}"
    return Finding("models", model.name, "ok", told, "", facts)
