"""Whole turns with engines that are loaded already: knik's, and the plain pipeline's."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import soundfile

from benchmarks.dialogue import conversation
from benchmarks.engine_sets import EngineSet
from benchmarks.sequential import Sequential
from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import WavDevice
from knik.dialogue.history import History
from knik.session.assembly import make_ears, session_settings
from knik.session.session import Session
from knik.trace.turns import Tracer, TurnTrace

Exchange = tuple[str, str]
"""What was said and what was answered."""


def knik_turns(engines: EngineSet, before: Sequence[Exchange] = (), *, pause: float = 3.0) -> list[TurnTrace]:
    """One conversation of all lines in real time, after the exchanges `before`; the answered turns."""
    script = engines.script
    script.turn = 0

    def next_line(trace: TurnTrace) -> None:
        script.turn += trace.outcome == "answered"

    tracer = Tracer(next_line)
    made: list[Session] = []
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "in.wav"
        soundfile.write(recording, conversation(script.lines, pause), SAMPLE_RATE)
        device = WavDevice(
            recording,
            None,
            realtime=True,
            on_input_end=lambda: made[0].end_when_quiet(),
            on_error=lambda error: made[0].fail(error),
        )
        config = engines.config
        made.append(Session(engines.loaders, device, make_ears(config), session_settings(config), tracer))
        remember(made[0].history, before)
        with made[0] as session:
            session.wait()
    return [trace for trace in tracer.finished if trace.outcome == "answered"]


def plain_turns(engines: EngineSet, silence: float, before: Sequence[Exchange] = ()) -> list[float]:
    """The same conversation through the plain pipeline; seconds to the first sound of each answer."""
    pipeline = Sequential(engines.full_ear, engines.chat, engines.voice, silence)
    settings = session_settings(engines.config)
    history = History(settings.system, settings.history_chars)
    remember(history, before)
    waits = []
    for turn, line in enumerate(engines.script.lines):
        engines.script.turn = turn
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
