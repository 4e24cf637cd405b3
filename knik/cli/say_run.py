"""What `knik say` does."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from knik.audio.portaudio import PortAudioDevice
from knik.audio.sinks import FileSink, PipeSink, Sink
from knik.cancel import CancelToken
from knik.config.schema import Config
from knik.engines.protocols import Synthesizer, VoiceSettings
from knik.errors import KnikError
from knik.session.assembly import synthesizer_loader
from knik.session.reading import read_aloud
from knik.session.speaker import Speaker

LONG_TEXT = 600
"""Characters from which progress is shown."""


@dataclass(frozen=True, slots=True)
class SayOptions:
    """What to say and where to.

    Attributes:
        text: The argument; "-" or None with no file is stdin.
        file: A file to read instead.
        output: A path, "-" for stdout, or None.
        play: Whether to play it.
        as_json: Whether to report as JSON.
    """

    text: str | None
    file: Path | None
    output: str | None
    play: bool
    as_json: bool


def list_all_voices(config: Config, *, as_json: bool) -> None:
    """Print the voices of the synthesizer in use."""
    engine = synthesizer_loader(config)()
    if as_json:
        voices = [
            {"name": v.name, "language": v.language, "description": v.description} for v in engine.voices()
        ]
        typer.echo(json.dumps(voices, indent=2, ensure_ascii=False))
        return
    typer.echo(f"{engine.info.name}: {engine.info.detail}", err=True)
    for voice in engine.voices():
        typer.echo(f"{voice.name:24} {voice.language:12} {voice.description}".rstrip())


def run(config: Config, options: SayOptions) -> None:
    """Speak the text; a reader of the pipe that has heard enough ends it quietly."""
    try:
        _run(config, options)
    except BrokenPipeError:
        # Python must not complain when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(config: Config, options: SayOptions) -> None:
    lines, size = _text(options)
    if not options.play and options.output is None:
        raise KnikError("There is nowhere to speak to.", "Give -o FILE, or leave out --no-play.", exit_code=2)
    if options.as_json and options.output == "-":
        raise KnikError("-o - and --json both want stdout.", "Leave one of them out.", exit_code=2)
    engine = synthesizer_loader(config)()
    if engine.info.builtin:
        typer.echo(f"{engine.info.name}: {engine.info.detail}. Better: knik models download", err=True)
    tts = config.tts
    voice = VoiceSettings(tts.voice, tts.speed, tts.language)
    cancel = CancelToken()
    started = time.perf_counter()
    first: float | None = None
    seconds = 0.0
    with ExitStack() as stack:
        sinks = _sinks(config, options, engine, cancel, stack)
        advance = _progress(size, stack)
        chunks = read_aloud(
            lines,
            engine,
            voice,
            cancel,
            paragraph_pause=tts.paragraph_pause_ms / 1000,
            on_clause=lambda clause: advance(len(clause) + 1),
        )
        for samples in chunks:
            first = time.perf_counter() - started if first is None else first
            seconds += samples.size / engine.sample_rate
            for sink in sinks:
                sink.write(samples)
        made_in = time.perf_counter() - started
    if first is None:
        raise KnikError("There is nothing to say: the text holds no words.", exit_code=2)
    if options.as_json:
        report = {
            "engine": engine.info.name,
            "seconds": round(seconds, 3),
            "first_audio_s": None if first is None else round(first, 4),
            "made_in_s": round(made_in, 3),
            "output": options.output,
        }
        typer.echo(json.dumps(report))


def _text(options: SayOptions) -> tuple[Iterable[str], int]:
    """The lines of the text and its size in characters, 0 when that is unknown."""
    if options.file is not None:
        try:
            data = options.file.read_bytes()
        except OSError as error:
            raise KnikError(f"{options.file}: cannot be read ({error.strerror}).", exit_code=2) from error
        text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    elif options.text is not None and options.text != "-":
        text = options.text
    elif options.text is None and sys.stdin.isatty():
        raise KnikError("There is nothing to say.", 'Try: knik say "Hello there"', exit_code=2)
    else:
        return (line.decode("utf-8", "replace") for line in sys.stdin.buffer), 0
    if not text.strip():
        raise KnikError("There is nothing to say: the text is empty.", 'Try: knik say "Hello"', exit_code=2)
    return text.splitlines(keepends=True), len(text)


def _sinks(
    config: Config, options: SayOptions, engine: Synthesizer, cancel: CancelToken, stack: ExitStack
) -> list[Sink]:
    sinks: list[Sink] = []
    if options.output == "-":
        sinks.append(PipeSink(sys.stdout.buffer, engine.sample_rate))
    elif options.output is not None:
        sinks.append(stack.enter_context(FileSink(Path(options.output), engine.sample_rate)))
    if options.play:
        audio = config.audio
        device = PortAudioDevice(
            output=audio.output,
            latency=max(0.05, audio.latency_ms / 1000),
            block=audio.block_ms / 1000,
            capture=False,
        )
        sinks.append(stack.enter_context(Speaker(device, engine.sample_rate, cancel)))
    return sinks


def _progress(size: int, stack: ExitStack) -> Callable[[int], None]:
    console = Console(stderr=True)
    if size < LONG_TEXT or not console.is_terminal:
        return lambda _: None
    progress = Progress(
        TextColumn("speaking"), BarColumn(), TextColumn("{task.percentage:3.0f} %"), TimeRemainingColumn(),
        console=console,
        transient=True,
    )  # fmt: skip
    stack.enter_context(progress)
    task = progress.add_task("say", total=size)
    return lambda count: progress.update(task, advance=count)
