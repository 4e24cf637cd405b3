"""`knik chat`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from knik.cli import complete

EPILOG = """
Examples:
  knik chat  talk, hands-free, with the default microphone and speaker
  knik chat --text  type instead of talking
  knik chat --push-to-talk  Tab starts and ends what you say
  knik chat --wake  sleep until somebody says "hey knik"
  knik chat --input USB --output 3  other devices (see: knik devices)
  knik chat --voice af_sky --speed 1.1  another voice, a little faster
  knik chat --system "You are a pirate."  another character
  knik chat --transcript notes  keep what was said, in the folder notes
  knik chat --input-wav question.wav --output-wav answer.wav  a whole session over files
  knik chat --json  a JSON object a line, for programs

While it runs:
  Esc  be silent
  Ctrl-C  end
  /voice NAME  another voice
  /speed 1.2  faster or slower
  /new  forget the conversation
  /quit  end
  /help  all of these
"""

TALK = "Talking"
SOUND = "Sound"
VOICE = "Voice and character"
KEEP = "What is kept"
SCREEN = "Screen"


def chat(
    text: Annotated[
        bool, typer.Option("--text", help="Type instead of talking; no microphone.", rich_help_panel=TALK)
    ] = False,
    speak: Annotated[
        bool | None,
        typer.Option(
            "--speak/--no-speak",
            help="Speak the answers; the default unless --text without --output-wav.",
            rich_help_panel=TALK,
            show_default=False,
        ),
    ] = None,
    push_to_talk: Annotated[
        bool, typer.Option("--push-to-talk", help="Tab starts and ends what you say.", rich_help_panel=TALK)
    ] = False,
    wake: Annotated[
        bool | None,
        typer.Option(
            "--wake/--no-wake",
            help="Sleep until the wake phrase is said.",
            rich_help_panel=TALK,
            show_default=False,
        ),
    ] = None,
    wake_phrase: Annotated[
        str | None,
        typer.Option(
            help='--wake with another phrase than "hey knik".', rich_help_panel=TALK, show_default=False
        ),
    ] = None,
    input_wav: Annotated[
        Path | None,
        typer.Option(
            help="Hear a recording instead of the microphone.", rich_help_panel=SOUND, show_default=False
        ),
    ] = None,
    output_wav: Annotated[
        Path | None,
        typer.Option(
            help="Record the answers instead of playing them.", rich_help_panel=SOUND, show_default=False
        ),
    ] = None,
    input_device: Annotated[
        str | None,
        typer.Option(
            "--input",
            help="Microphone: name, part of it, or number.",
            autocompletion=complete.microphones,
            rich_help_panel=SOUND,
            show_default=False,
        ),
    ] = None,
    output_device: Annotated[
        str | None,
        typer.Option(
            "--output",
            help="Speaker: name, part of it, or number.",
            autocompletion=complete.speakers,
            rich_help_panel=SOUND,
            show_default=False,
        ),
    ] = None,
    voice: Annotated[
        str | None,
        typer.Option(
            help="Voice or blend.", autocompletion=complete.voices, rich_help_panel=VOICE, show_default=False
        ),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(help="0.5 to 2.0.", rich_help_panel=VOICE, show_default=False)
    ] = None,
    echo: Annotated[
        Literal["auto", "on", "off"] | None,
        typer.Option(
            help="Take knik's own voice out of the microphone; auto finds out whether it is there (open "
            "speakers) or not (headphones), and says so. The default is auto.",
            rich_help_panel=SOUND,
            show_default=False,
        ),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            help="Language to hear and speak, such as en-gb.", rich_help_panel=VOICE, show_default=False
        ),
    ] = None,
    system: Annotated[
        str | None, typer.Option(help="System prompt.", rich_help_panel=VOICE, show_default=False)
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            help="Record microphone and speaker into this folder.", rich_help_panel=KEEP, show_default=False
        ),
    ] = None,
    transcript: Annotated[
        Path | None,
        typer.Option(help="Write a transcript into this folder.", rich_help_panel=KEEP, show_default=False),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="Plain lines instead of the panel.", rich_help_panel=SCREEN)
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line on stdout.", rich_help_panel=SCREEN)
    ] = False,
) -> None:
    """Talk with knik, hands-free.

    Just speak; speak over it to stop it. While it runs you may also type a line, or /help.
    """
    from knik.cli.chat_run import ChatOptions, run
    from knik.config.load import load

    flags: dict[str, object] = {
        "wake.enabled": True if wake is None and wake_phrase else wake,
        "wake.phrase": wake_phrase,
        "audio.input": input_device,
        "audio.output": output_device,
        "audio.echo": echo,
        "tts.voice": voice,
        "tts.speed": speed,
        "tts.language": lang,
        "stt.language": lang.split("-")[0] if lang else None,
        "chat.system": system,
        "transcript.dir": str(transcript) if transcript else None,
        "transcript.save": True if transcript else None,
        "ui.panel": False if plain or as_json else None,
    }
    options = ChatOptions(
        text=text,
        speak=speak if speak is not None else (not text or output_wav is not None),
        push_to_talk=push_to_talk,
        wake=bool(wake or wake_phrase),
        input_wav=input_wav,
        output_wav=output_wav,
        record=record,
        as_json=as_json,
    )
    run(load(flags=flags).config, options)
