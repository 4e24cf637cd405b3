"""The commands. Their bodies are imported when they run, so that `--help` stays quick."""

import os
from pathlib import Path
from typing import Annotated

import typer

from knik.cli.bench_cmd import bench
from knik.cli.chat_cmd import chat
from knik.cli.config_cmd import app as config_app
from knik.cli.devices_cmd import devices
from knik.cli.models_cmd import app as models_app
from knik.cli.say_cmd import say

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="A voice assistant that lives in the terminal and never phones home.\n\n"
    "Try **knik chat**, and talk. Without models the built-in engines listen and speak; "
    "**knik models download** fetches better ones.",
    epilog="Everything runs on this machine. Only `knik models download` and servers that you configure "
    "are ever contacted.",
)
app.command(
    epilog="Examples: `knik chat` · `knik chat --text` · `knik chat --input-wav question.wav "
    "--output-wav answer.wav`"
)(chat)
app.command(
    epilog='Examples: `knik say "Hello there"` · `knik say -f book.txt -o book.wav` · `echo hi | knik say -`'
)(say)
app.command(
    epilog="Examples: `knik bench recordings` · `knik bench recordings --mode turn --repeat 10` · "
    "`knik bench recordings --json > today.json`"
)(bench)
app.command(epilog="Examples: `knik devices` · `knik devices --json`")(devices)
app.add_typer(models_app, name="models")
app.add_typer(config_app, name="config")


def _version(wanted: bool) -> None:
    if wanted:
        from knik import __version__

        typer.echo(f"knik {__version__}")
        raise typer.Exit


@app.callback()
def options(
    config: Annotated[
        Path | None, typer.Option(help="Configuration file instead of the usual one.", show_default=False)
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command; they reach the commands as environment variables."""
    if config is not None:
        os.environ["KNIK_CONFIG"] = str(config)
    if debug:
        os.environ["KNIK_DEBUG"] = "1"
