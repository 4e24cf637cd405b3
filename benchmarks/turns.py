"""Whole turns with engines that are loaded already: knik's, and the plain pipeline's."""

import tempfile
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import soundfile

from benchmarks.dialogue import conversation
from benchmarks.engine_sets import EngineSet
from benchmarks.sequential import Sequential
from knik.audio.device import AudioDevice
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.portaudio import PortAudioDevice
from knik.audio.wavfile import WavDevice
from knik.config.schema import Audio
from knik.dialogue.history import History
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer, TurnTrace
from tests.rig.pulse import VirtualCard, portaudio_on

Exchange = tuple[str, str]
"""What was said and what was answered."""


def knik_turns(
    engines: EngineSet,
    before: Sequence[Exchange] = (),
    *,
    pause: float = 4.0,
    card: VirtualCard | None = None,
) -> dict[int, TurnTrace]:
    """One conversation of all lines in real time, after the exchanges `before`; the answered turns by line.

    It is heard over a file, or over the virtual sound card if one is given.
    """
    sound, starts = conversation(engines.script.lines, pause)
    answered: dict[int, TurnTrace] = {}

    def finished(trace: TurnTrace) -> None:
        if trace.outcome == "answered":
            answered[engines.script.present()] = trace

    def hold(device: AudioDevice, now: Callable[[], float], *, echo: bool = False) -> Session:
        engines.script.present = lambda: max(0, bisect(starts, now()) - 1)
        config = engines.config
        ears = make_ears(config, echo=echo)
        session = Session(engines.loaders, device, ears, session_settings(config), Tracer(finished))
        remember(session.history, before)
        return session

    if card is None:
        _over_file(sound, hold)
    else:
        _over_card(card, sound, engines.config.audio, hold)
    return answered


def _over_file(sound: Samples, hold: Callable[..., Session]) -> None:
    made: list[Session] = []
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "in.wav"
        soundfile.write(recording, sound, SAMPLE_RATE)
        device = WavDevice(
            recording,
            None,
            realtime=True,
            on_input_end=lambda: made[0].end_when_quiet(),
            on_error=lambda error: made[0].fail(error),
        )
        made.append(hold(device, device.stream_time))
        with made[0] as session:
            session.wait()


def _over_card(card: VirtualCard, sound: Samples, audio: Audio, hold: Callable[..., Session]) -> None:
    with portaudio_on(card):
        device = PortAudioDevice(latency=audio.latency_ms / 1000, block=audio.block_ms / 1000)
        started = time.monotonic()
        with hold(device, lambda: time.monotonic() - started, echo=True) as session:
            started = time.monotonic()
            card.speak(sound, SAMPLE_RATE).wait()
            session.end_when_quiet()
            session.wait()


def plain_turns(engines: EngineSet, silence: float, before: Sequence[Exchange] = ()) -> list[float]:
    """The same conversation through the plain pipeline; seconds to the first sound of each answer."""
    pipeline = Sequential(engines.full_ear, engines.chat, engines.voice, silence)
    settings = session_settings(engines.config)
    history = History(settings.system, settings.history_chars)
    remember(history, before)
    waits = []
    for turn, line in enumerate(engines.script.lines):
        engines.script.present = partial(int, turn)
        wait, reply = pipeline.first_sound(line.audio, history.messages())
        history.commit(turn, line.text)
        history.heard(turn, reply)
        waits.append(wait)
    return waits


def remember(history: History, exchanges: Sequence[Exchange]) -> None:
    """Put exchanges into a history, as if they had been had."""
    for number, (said, answered) in enumerate(exchanges):
        history.commit(-1 - number, said)
        history.heard(-1 - number, answered)
