"""The models that knik knows by name."""

import difflib
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Literal

from knik.errors import KnikError

Kind = Literal["stt", "chat", "tts"]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model of the catalogue.

    Attributes:
        name: Short name, such as "base.en".
        kind: What it is for.
        licence: SPDX identifier of the weights' licence.
        note: What it is good for.
        folder: Where it lies below the models folder.
        base: Address that the files' names are appended to.
        files: Its files.
        megabytes: About what it weighs.
        sha256: Known checksums by file name.
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


def catalogue() -> list[ModelEntry]:
    """Every model, in the order of the file."""
    text = resources.files("knik.models").joinpath("catalogue.toml").read_text("utf-8")
    return [ModelEntry(**{**entry, "files": tuple(entry["files"])}) for entry in tomllib.loads(text)["model"]]


def find(name: str) -> ModelEntry:
    """The model with this name; raises `KnikError` with the nearest names otherwise."""
    entries = {entry.name: entry for entry in catalogue()}
    if name in entries:
        return entries[name]
    near = difflib.get_close_matches(name, list(entries), 3, 0.4)
    hint = f"; near it are {', '.join(near)}" if near else ""
    raise KnikError(f'There is no model "{name}"{hint}.', "See: knik models list", exit_code=2)
