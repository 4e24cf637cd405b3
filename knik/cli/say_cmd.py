"""`knik say`."""

from pathlib import Path
from typing import Annotated

import typer

from knik.cli import complete

EPILOG = """
Examples:
  knik say 'Dr. Smith paid $5.50'  say it
  knik say -f book.txt -o book.flac  read a file into a file
  echo "Hello" | knik say -o - | aplay  from a pipe into a pipe
  knik say "Hi" --voice af_sky:0.6,bf_emma:0.4  a blend of two voices
  knik say --list-voices  the voices there are
"""

VOICE = "Voice"
SOUND = "From and to"


def say(
    text: Annotated[
        str | None, typer.Argument(help="What to say; - reads stdin.", show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", help="Read the text from a file.", rich_help_panel=SOUND, show_default=False
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            help="Write WAV, FLAC or OGG by the name's ending; - is stdout.",
            show_default=False,
            rich_help_panel=SOUND,
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            help="Voice or blend: af_sky:0.6,bf_emma:0.4.",
            autocompletion=complete.voices,
            show_default=False,
            rich_help_panel=VOICE,
        ),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(help="0.5 to 2.0.", show_default=False, rich_help_panel=VOICE)
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help="Language, such as en-gb.", show_default=False, rich_help_panel=VOICE)
    ] = None,
    play: Annotated[
        bool | None,
        typer.Option(
            "--play/--no-play",
            help="Play it; the default without -o.",
            show_default=False,
            rich_help_panel=SOUND,
        ),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            help="Speaker: name, part of it, or number.",
            autocompletion=complete.speakers,
            show_default=False,
            rich_help_panel=SOUND,
        ),
    ] = None,
    list_voices: Annotated[
        bool, typer.Option("--list-voices", help="List the voices and stop.", rich_help_panel=VOICE)
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Report as JSON on stdout.")] = False,
) -> None:
    """Speak a text: from an argument, a file or stdin.

    The first sound comes after the first clause, however long the text is.
    """
    from knik.cli.say_run import SayOptions, list_all_voices, run
    from knik.config.load import load

    flags: dict[str, object] = {
        "tts.voice": voice,
        "tts.speed": speed,
        "tts.language": lang,
        "audio.output": device,
    }
    config = load(flags=flags).config
    if list_voices:
        list_all_voices(config, as_json=as_json)
        return
    run(config, SayOptions(text, file, output, play if play is not None else output is None, as_json))
