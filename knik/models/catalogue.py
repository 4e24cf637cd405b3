"""The models that knik knows by name: its own catalogue, and what the user added in the configuration."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from knik.config.schema import Extra
from knik.errors import KnikError

Kind = Literal["stt", "chat", "tts", "turn", "wake"]
KINDS: tuple[Kind, ...] = ("stt", "chat", "tts", "turn", "wake")
HUB = "https://huggingface.co/"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model of the catalogue.

    Attributes:
        name: Short name, such as "base.en".
        kind: What it is for.
        licence: SPDX identifier of the weights' licence.
        note: What it is good for.
        folder: Where it lies below the models folder.
        base: Address, or folder of this machine, that the files' names are appended to.
        files: Its files; the first is what a chat engine opens.
        megabytes: About what it weighs, 0 for unknown.
        sha256: Known checksums by file name.
        languages: Codes; "many" for about a hundred.
        parameters: Millions of them, 0 for unknown.
        encoder: Millions of Whisper's that are in the encoder.
        kv_bytes: What a token of conversation takes in a chat model's KV cache.
        threshold: Score from which a wake-word model counts its phrase as said.
    """

    name: str
    kind: Kind
    licence: str
    note: str
    folder: str
    base: str
    files: tuple[str, ...]
    megabytes: int
    sha256: dict[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    parameters: int = 0
    encoder: int = 0
    kv_bytes: int = 0
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class Bundle:
    """Models that go together: one that hears, one that answers, one that speaks.

    Attributes:
        name: Short name, such as "balanced".
        note: For whom it is.
        stt: Name of the Whisper.
        chat: Name of the chat model.
        tts: Name of the voice.
    """

    name: str
    note: str
    stt: str
    chat: str
    tts: str

    @property
    def names(self) -> tuple[str, str, str]:
        """Of its models."""
        return self.stt, self.chat, self.tts


def catalogue(extra: Mapping[str, Extra] | None = None) -> list[ModelEntry]:
    """Every model in the order of the file, the user's own behind them.

    Raises:
        KnikError: An entry of the configuration makes no sense.
    """
    return [*_built_in(), *(own_entry(name, entry) for name, entry in (extra or {}).items())]


@cache
def _built_in() -> tuple[ModelEntry, ...]:
    return tuple(
        ModelEntry(**{**entry, "files": tuple(entry["files"]), "languages": tuple(entry["languages"])})
        for entry in _data()["model"]
    )


@cache
def bundles() -> tuple[Bundle, ...]:
    """Every bundle, in the order of the file."""
    return tuple(Bundle(**entry) for entry in _data()["bundle"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(resources.files("knik.models").joinpath("catalogue.toml").read_text("utf-8"))


def find(name: str, extra: Mapping[str, Extra] | None = None) -> ModelEntry:
    """The model with this name; raises `KnikError` with the nearest names otherwise."""
    entries = {entry.name: entry for entry in catalogue(extra)}
    if name in entries:
        return entries[name]
    raise unknown(name, list(entries))


def select(names: Sequence[str], extra: Mapping[str, Extra] | None = None) -> list[ModelEntry]:
    """The models that the names of models and bundles mean, each once.

    Raises:
        KnikError: A name is neither.
    """
    entries = {entry.name: entry for entry in catalogue(extra)}
    groups = {bundle.name: bundle.names for bundle in bundles()}
    chosen: dict[str, ModelEntry] = {}
    for name in names:
        for member in groups.get(name, (name,)):
            if member not in entries:
                raise unknown(member, [*groups, *entries])
            chosen[member] = entries[member]
    return list(chosen.values())


def unknown(name: str, known: Sequence[str]) -> KnikError:
    """What to tell somebody who asked for a model that does not exist."""
    near = difflib.get_close_matches(name, known, 3, 0.4)
    hint = f"; near it are {', '.join(near)}" if near else ""
    return KnikError(f'There is no model "{name}"{hint}.', "See: knik models list", exit_code=2)


def own_entry(name: str, entry: Extra) -> ModelEntry:
    """The user's entry [models.extra.NAME] as one of the catalogue.

    `source` is a file or folder of this machine, an address, or hf:OWNER/REPO[@REVISION]; `files` are
    named where it is a repository or an address that ends in a slash.

    Raises:
        KnikError: The name is taken or no file name, `source` leads nowhere, or a chat model is no GGUF.
    """
    if name in {*(known.name for known in _built_in()), *(bundle.name for bundle in bundles())}:
        raise _senseless(name, "knik's own catalogue has that name")
    if Path(name).name != name or name.startswith("."):
        raise _senseless(name, "the name has to do for a file, too")
    base, files = _where(name, entry)
    if entry.kind == "chat" and not files[0].endswith(".gguf"):
        raise _senseless(name, f"{files[0]} is no GGUF file")
    for file in files:
        if Path(file).is_absolute() or ".." in Path(file).parts:
            raise _senseless(name, f'"{file}" leads out of the models folder')
    return ModelEntry(
        name=name,
        kind=entry.kind,
        licence=entry.licence or "unknown",
        note=entry.note or "your own",
        folder=f"{entry.kind}/{name}",
        base=base,
        files=files,
        megabytes=entry.megabytes,
        sha256=dict(zip(files, [entry.sha256], strict=False)) if entry.sha256 else {},
    )


def _where(name: str, entry: Extra) -> tuple[str, tuple[str, ...]]:
    source, files = entry.source, tuple(entry.files)
    if source.startswith("hf:"):
        repository, _, revision = source.removeprefix("hf:").partition("@")
        if not files and repository.count("/") > 1:
            owner, project, file = repository.split("/", 2)
            repository, files = f"{owner}/{project}", (file,)
        if repository.count("/") != 1 or not files:
            raise _senseless(name, "a repository is hf:OWNER/REPO[@REVISION], with its files in `files`")
        return f"{HUB}{repository}/resolve/{revision or 'main'}/", files
    if source.startswith(("http://", "https://")):
        if files:
            return source.rstrip("/") + "/", files
        base, _, file = source.rpartition("/")
        if not file:
            raise _senseless(name, "an address that ends in a slash needs `files`")
        return f"{base}/", (file,)
    path = Path(source).expanduser()
    if not path.is_absolute():
        raise _senseless(name, f'"{source}" is neither a full path, an address nor hf:OWNER/REPO')
    if path.is_dir():
        found = files or tuple(sorted(file.name for file in path.iterdir() if file.is_file()))
        if not found:
            raise _senseless(name, f"{path} is empty")
        return f"{path}/", found
    return f"{path.parent}/", (path.name,)


def _senseless(name: str, why: str) -> KnikError:
    return KnikError(
        f"The configuration's [models.extra.{name}] makes no sense: {why}.",
        "See [models] in config.example.toml.",
        exit_code=2,
    )
