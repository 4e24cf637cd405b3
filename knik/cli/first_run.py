"""The first `knik chat`: where there are no models yet, they are offered once."""

import sys

import typer

from knik.cli.models_run import download_models, suggested
from knik.config.memory import recall, remember
from knik.config.schema import Config
from knik.errors import KnikError
from knik.models.catalogue import Kind
from knik.models.locate import locate, models_dir

OFFER = "offer_models"
"""What is remembered: false when nobody wants to be asked again."""

BUILT_IN = ("pocketsphinx", "builtin", "espeak")
LOCAL: tuple[tuple[Kind, str], ...] = (("stt", "faster-whisper"), ("chat", "llama"), ("tts", "kokoro"))
ANSWERS = {"": "yes", "y": "yes", "yes": "yes", "n": "no", "no": "no", "never": "never"}
QUESTION = "Fetch them now? [Y]es, [n]o, or never ask again: "
MEANWHILE = "The built-in engines serve meanwhile."


def offer_models(config: Config) -> None:
    """Offer to fetch models to somebody at a terminal who has none and has not chosen to go without.

    Whatever goes wrong is told, and the conversation can begin with the built-in engines.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()) or recall(OFFER) is False or not bare(config):
        return
    try:
        wanted, why = suggested(config, models_dir(config.models.dir))
    except KnikError:
        # No bundle fits this machine. The screen says what the built-in engines are.
        return
    total = sum(entry.megabytes for entry in wanted) / 1000
    names = ", ".join(entry.name for entry in wanted)
    typer.echo("There are no models yet. Without any, knik hears, answers and speaks poorly.", err=True)
    typer.echo(f"{why}\n{names}: {total:.1f} GB to fetch, once.", err=True)
    answer = _ask()
    if answer == "yes":
        _fetch([entry.name for entry in wanted])
    elif answer == "never":
        _never()
    else:
        typer.echo(f"{MEANWHILE} Fetch models whenever you like: knik models download", err=True)


def bare(config: Config) -> bool:
    """Whether models are wanted and none of them is there."""
    folder = models_dir(config.models.dir)
    wanted = []
    for kind, local in LOCAL:
        part = getattr(config, kind)
        if part.engine in BUILT_IN:
            return False
        if part.engine in ("auto", local):
            wanted.append(locate(kind, part.model, folder))
    return bool(wanted) and not any(wanted)


def _ask() -> str:
    while True:
        typer.echo(QUESTION, nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            # Ctrl-D: whoever closes the input wants none of it.
            typer.echo(err=True)
            return "no"
        answer = ANSWERS.get(line.strip().casefold())
        if answer is not None:
            return answer


def _fetch(names: list[str]) -> None:
    try:
        download_models(names, None, None, yes=True, as_json=False)
    except KnikError as error:
        typer.echo(f"knik: {error.message}\n      {error.remedy}", err=True)
        typer.echo(f"{MEANWHILE} To go on later: knik models download", err=True)


def _never() -> None:
    try:
        remember(OFFER, value=False)
    except OSError as error:
        typer.echo(f"That cannot be remembered: {error.filename}: {error.strerror}.", err=True)
    typer.echo(f"{MEANWHILE} You will not be asked again; later there is: knik models download", err=True)
