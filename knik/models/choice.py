"""Which of the installed models is meant where the configuration leaves it open ("auto")."""

from collections.abc import Mapping
from pathlib import Path

from knik.config.json_file import read_object, write_object
from knik.models.catalogue import Kind
from knik.models.files import telling

AUTO = "auto"
CHOICE_FILE = "chosen.json"
DEFAULTS: dict[Kind, str] = {
    "stt": "base.en",
    "chat": "qwen2.5-1.5b",
    "tts": "kokoro-v1.0",
    "turn": "smart-turn-v3",
    "wake": "hey-computer",
}
"""What is meant as long as nothing was chosen: the bundle "balanced"."""


def choose(folder: Path, names: Mapping[Kind, str]) -> None:
    """Let "auto" mean these models from now on, by kind.

    Raises:
        KnikError: The choice cannot be written.
    """
    choice = chosen(folder) | {str(kind): name for kind, name in names.items()}
    _store(folder, choice)


def forget(folder: Path, name: str) -> None:
    """Take back the choice of a model that is no longer there."""
    choice = chosen(folder)
    kept = {kind: other for kind, other in choice.items() if other != name}
    if kept != choice:
        _store(folder, kept)


def _store(folder: Path, choice: Mapping[str, str]) -> None:
    with telling(folder / CHOICE_FILE):
        write_object(folder / CHOICE_FILE, choice)


def chosen(folder: Path) -> dict[str, str]:
    """What was chosen, by kind; a file that cannot be read is as good as none."""
    return {kind: str(name) for kind, name in read_object(folder / CHOICE_FILE).items()}


def meant(kind: Kind, name: str, folder: Path) -> str:
    """The name itself, or for "auto" the model that was chosen or fetched last, or the default."""
    return name if name != AUTO else chosen(folder).get(kind, DEFAULTS[kind])
