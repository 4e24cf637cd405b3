"""What `knik chat` does: puts device, session and screen together, and takes them apart again."""

import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from rich.console import Console

from knik.audio.device import AudioDevice
from knik.audio.follow import follower
from knik.audio.portaudio import PortAudioDevice
from knik.audio.recorder import RecordingDevice
from knik.audio.wavfile import WavDevice
from knik.cli.commands import enter_line
from knik.cli.first_run import offer_models
from knik.cli.keyboard import Keyboard
from knik.cli.lines import LinePrinter
from knik.cli.painter import Painter
from knik.cli.quiet import quiet_stderr
from knik.config.schema import Config
from knik.errors import KnikError
from knik.session.assembly import engine_loaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.session.transcripts import TranscriptWriter
from knik.trace.turns import Tracer, TurnTrace


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """What the command line says beside the configuration.

    Attributes:
        text: Type instead of talking.
        speak: Whether answers are spoken.
        push_to_talk: Whether the tab key starts and ends an utterance.
        wake: Whether a wake phrase was asked for on the command line.
        input_wav: A recording to hear instead of the microphone.
        output_wav: Where to record the answers instead of playing them.
        record: A folder to record microphone and speaker into.
        as_json: Whether to print JSON lines.
    """

    text: bool
    speak: bool
    push_to_talk: bool
    wake: bool
    input_wav: Path | None
    output_wav: Path | None
    record: Path | None
    as_json: bool


def run(config: Config, options: ChatOptions) -> None:
    """Hold the conversation until it ends; raises `KeyboardInterrupt` on Ctrl-C, after stopping."""
    _check(options)
    if options.input_wav is None and options.output_wav is None and not options.as_json:
        offer_models(config)
    with ExitStack() as stack:
        session = _session(config, options, stack)
        console = Console()
        panel = config.ui.panel and console.is_terminal and not options.as_json
        keyboard = Keyboard(
            lambda line: _enter(session, line),
            lambda key: _key(session, key, push_to_talk=options.push_to_talk),
            session.end_when_quiet if options.text else lambda: None,
            # Keys are read one by one where the panel or push-to-talk needs them; else the terminal
            # itself shows and mends the line.
            by_key=panel or options.push_to_talk,
        )
        if not panel:
            # It stops after the session has, so that the last, interrupted turn is printed too.
            printer = LinePrinter(session, as_json=options.as_json)
            printer.start()
            stack.callback(printer.stop)
        session.start()
        stack.callback(_stop, session)
        if options.text or sys.stdin.isatty():
            stack.enter_context(keyboard)
        if not options.text and options.input_wav is None:
            session.journal.add("notice", 0, _how_to_begin(config, options))
        if panel:
            stack.enter_context(quiet_stderr())
            stack.enter_context(Painter(session, keyboard, console, config.ui.refresh_hz))
        session.wait()


def _how_to_begin(config: Config, options: ChatOptions) -> str:
    if options.push_to_talk:
        return 'Tab, talk, Tab. Say "what can you do", for a start.'
    if config.wake.enabled:
        return f'Say "{config.wake.phrase}, what can you do", for a start.'
    return 'Just talk. Say "what can you do", for a start.'


def _check(options: ChatOptions) -> None:
    files = options.input_wav is not None or options.output_wav is not None
    if files and options.record is not None:
        raise KnikError("--record goes with a sound device, not with files.", exit_code=2)
    if options.text and options.input_wav is not None:
        raise KnikError("--text and --input-wav exclude each other.", "Leave one of them out.", exit_code=2)
    if options.output_wav is not None and options.input_wav is None and not options.text:
        raise KnikError(
            "--output-wav goes with --input-wav or --text.",
            "To record a live conversation: --record",
            exit_code=2,
        )
    heard, answers = options.input_wav, options.output_wav
    if heard is not None and answers is not None and answers.exists() and answers.samefile(heard):
        raise KnikError(
            f"{answers}: is the recording to hear, too, and would be lost.",
            "Give --output-wav another name.",
            exit_code=2,
        )
    if options.record is not None and options.text and not options.speak:
        raise KnikError("There is no sound to record.", "Leave out --text, or add --speak.", exit_code=2)
    if options.wake and (options.text or options.push_to_talk):
        other = "--text" if options.text else "--push-to-talk"
        raise KnikError(f"--wake and {other} exclude each other.", "Leave one of them out.", exit_code=2)
    if options.push_to_talk and (options.text or files or not sys.stdin.isatty()):
        raise KnikError("--push-to-talk needs a microphone and a keyboard.", exit_code=2)


def _session(config: Config, options: ChatOptions, stack: ExitStack) -> Session:
    finished: list[TranscriptWriter] = []

    def on_finish(trace: TurnTrace) -> None:
        for writer in finished:
            writer.add(trace)

    tracer = Tracer(on_finish)
    made: list[Session] = []
    device = _device(config, options, made)
    hears = not options.text
    live = options.speak and options.input_wav is None and options.output_wav is None
    session = Session(
        engine_loaders(
            config,
            hears=hears,
            speaks=options.speak,
            notify=lambda note: made[0].journal.add("error", 0, note),
        ),
        device,
        make_ears(
            config,
            push_to_talk=options.push_to_talk,
            echo=live,
            notify=lambda note: made[0].journal.add("notice", 0, note),
        )
        if hears
        else None,
        session_settings(config, push_to_talk=options.push_to_talk, may_sleep=hears),
        tracer,
    )
    made.append(session)
    if config.transcript.save:
        default = Path(platformdirs.user_data_dir("knik", appauthor=False)) / "transcripts"
        folder = Path(config.transcript.dir).expanduser() if config.transcript.dir else default
        writer = TranscriptWriter(
            folder, config.transcript.formats, lambda why: session.journal.add("error", 0, why)
        )
        finished.append(writer)
        stack.callback(writer.close)
    return session


def _device(config: Config, options: ChatOptions, made: list[Session]) -> AudioDevice | None:
    """The device; `made` will hold the session before the device calls back."""
    if options.input_wav is not None or options.output_wav is not None:
        return WavDevice(
            options.input_wav,
            options.output_wav,
            # Without a recording to hear, the clock on the wall is the only one.
            realtime=options.input_wav is None,
            settle=lambda: made[0].settle(),
            on_input_end=lambda: made[0].end_when_quiet() if options.input_wav is not None else None,
            on_error=lambda error: made[0].fail(error),
        )
    if options.text and not options.speak:
        return None
    audio = config.audio
    device: AudioDevice = PortAudioDevice(
        audio.input,
        audio.output,
        rate=audio.rate,
        latency=audio.latency_ms / 1000,
        block=audio.block_ms / 1000,
        capture=not options.text,
        playback=options.speak,
        follower=follower(),
        on_moved=lambda: made[0].device_moved(),
        on_notice=lambda note: made[0].journal.add("notice", 0, note),
    )
    if options.record is None:
        return device
    return RecordingDevice(device, options.record, lambda note: made[0].journal.add("notice", 0, note))


def _enter(session: Session, line: str) -> None:
    enter_line(session, line, session.end)
    if not sys.stdin.isatty():
        # A script's next line is no interruption; it waits for the answer.
        session.wait_until_listening()


def _key(session: Session, key: str, *, push_to_talk: bool) -> None:
    if key == "escape":
        session.stop_speaking()
    elif key == "tab" and push_to_talk:
        session.talk_key()


def _stop(session: Session) -> None:
    if not session.stop():
        # A thread is inside foreign code that cannot be interrupted; everything of the user's is
        # saved by the callbacks that follow, and the process must not wait for that thread.
        os.environ["KNIK_HARD_EXIT"] = "1"
