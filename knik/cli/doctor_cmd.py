"""`knik doctor`."""

from typing import Annotated

import typer

from knik.cli import complete

EPILOG = """
Examples:
  knik doctor  look at everything; plays three short chirps
  knik doctor --no-sound  the same in silence
  knik doctor --input USB --output 3  other devices than the configured ones
  knik doctor --json > report.json  everything, for a bug report

Exit codes:
  0  nothing failed; there may be warnings
  1  something failed; the line below it says what mends it
  130  interrupted
"""

SOUND = "Sound"


def doctor(
    sound: Annotated[
        bool,
        typer.Option(
            "--sound/--no-sound",
            help="Play chirps, to measure how late and how loud the microphone hears the speaker.",
            rich_help_panel=SOUND,
        ),
    ] = True,
    input_device: Annotated[
        str | None,
        typer.Option(
            "--input",
            help="Microphone: name, part of it, or number.",
            autocompletion=complete.microphones,
            show_default=False,
            rich_help_panel=SOUND,
        ),
    ] = None,
    output_device: Annotated[
        str | None,
        typer.Option(
            "--output",
            help="Speaker: name, part of it, or number.",
            autocompletion=complete.speakers,
            show_default=False,
            rich_help_panel=SOUND,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON on stdout.")] = False,
) -> None:
    """Find out what is missing, broken or slow, and what mends it.

    Looks at configuration, folders, libraries, processor, memory, disk, engines, and models with their
    checksums; then listens to the microphone and plays short chirps, to measure the way from
    the program through speaker and microphone back to it. Nothing is changed and nothing is fetched.
    """
    from knik.cli.doctor_run import run

    run(input_device, output_device, chirps=sound, as_json=as_json)
