"""`knik chat`."""

from pathlib import Path
from typing import Annotated

import typer


def chat(
    text: Annotated[bool, typer.Option("--text", help="Type instead of talking; no microphone.")] = False,
    speak: Annotated[
        bool | None,
        typer.Option(
            "--speak/--no-speak",
            help="Speak the answers; the default unless --text without --output-wav.",
            show_default=False,
        ),
    ] = None,
    push_to_talk: Annotated[
        bool, typer.Option("--push-to-talk", help="Tab starts and ends what you say.")
    ] = False,
    input_wav: Annotated[
        Path | None, typer.Option(help="Hear a recording instead of the microphone.", show_default=False)
    ] = None,
    output_wav: Annotated[
        Path | None, typer.Option(help="Record the answers instead of playing them.", show_default=False)
    ] = None,
    input_device: Annotated[
        str | None,
        typer.Option("--input", help="Microphone: name, part of it, or number.", show_default=False),
    ] = None,
    output_device: Annotated[
        str | None, typer.Option("--output", help="Speaker: name, part of it, or number.", show_default=False)
    ] = None,
    voice: Annotated[str | None, typer.Option(help="Voice or blend.", show_default=False)] = None,
    speed: Annotated[float | None, typer.Option(help="0.5 to 2.0.", show_default=False)] = None,
    lang: Annotated[
        str | None, typer.Option(help="Language to hear and speak, such as en-gb.", show_default=False)
    ] = None,
    system: Annotated[str | None, typer.Option(help="System prompt.", show_default=False)] = None,
    record: Annotated[
        Path | None, typer.Option(help="Record microphone and speaker into this folder.", show_default=False)
    ] = None,
    transcript: Annotated[
        Path | None, typer.Option(help="Write a transcript into this folder.", show_default=False)
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Plain lines instead of the panel.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")] = False,
) -> None:
    """Talk with knik, hands-free.

    Just speak; speak over it to stop it. While it runs you may also type a line, or /help.
    """
    from knik.cli.chat_run import ChatOptions, run
    from knik.config.load import load

    flags: dict[str, object] = {
        "audio.input": input_device,
        "audio.output": output_device,
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
        input_wav=input_wav,
        output_wav=output_wav,
        record=record,
        as_json=as_json,
    )
    run(load(flags=flags).config, options)
