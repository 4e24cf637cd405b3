"""The commands. Their bodies are imported when they run, so that `--help` stays quick."""

import os
from pathlib import Path
from typing import Annotated

import typer

from knik.cli.bench_cmd import EPILOG as BENCH
from knik.cli.bench_cmd import bench
from knik.cli.chat_cmd import EPILOG as CHAT
from knik.cli.chat_cmd import chat
from knik.cli.config_cmd import app as config_app
from knik.cli.devices_cmd import EPILOG as DEVICES
from knik.cli.devices_cmd import devices
from knik.cli.doctor_cmd import EPILOG as DOCTOR
from knik.cli.doctor_cmd import doctor
from knik.cli.manual import App
from knik.cli.models_cmd import app as models_app
from knik.cli.say_cmd import EPILOG as SAY
from knik.cli.say_cmd import say

app = App(
    help="A voice assistant that lives in the terminal and never phones home.\n\n"
    "Without models the built-in engines listen, answer and speak; knik models download fetches better "
    "ones. Only that command and servers that you configure are ever contacted.",
    epilog="""
    Examples:
      knik chat  talk, hands-free
      knik chat --text  type instead of talking
      knik say "Hello there"  speak a text
      knik models download  fetch the models that suit this machine
      knik doctor  find out what is missing or broken
      knik chat --help  all about one command
      knik --install-completion  let Tab complete commands, models, voices and devices

    Exit codes:
      0  done
      1  failed; the last line on stderr says what mends it
      2  wrong usage, or a wrong configuration
      130  interrupted

    Environment:
      KNIK_SECTION_KEY  any key of the configuration: KNIK_STT_MODEL=tiny.en
      KNIK_CONFIG  another configuration file
      NO_COLOR  no colours
    """,
)
app.command(epilog=CHAT)(chat)
app.command(epilog=SAY)(say)
app.command(epilog=BENCH)(bench)
app.command(epilog=DEVICES)(devices)
app.command(epilog=DOCTOR)(doctor)
app.add_typer(models_app, name="models")
app.add_typer(config_app, name="config")


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file instead of the usual one.", show_default=False)
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the versions of knik, its engines and libraries.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --version: print JSON.")] = False,
) -> None:
    """Options of every command; they reach the commands as environment variables."""
    if config is not None:
        os.environ["KNIK_CONFIG"] = str(config)
    if debug:
        os.environ["KNIK_DEBUG"] = "1"
    if version:
        _show_versions(as_json=as_json)
        raise typer.Exit
    if as_json:
        context.fail("--json goes with --version, or behind a command.")
    if context.invoked_subcommand is None:
        context.fail("Missing command.")


def _show_versions(*, as_json: bool) -> None:
    import json

    from knik.doctor.versions import versions

    found = versions()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for name, version in found.items():
        typer.echo(f"{name} {version or '(not installed)'}")
