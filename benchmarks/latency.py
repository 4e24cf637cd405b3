"""From the end of the user's speech to the first sound of the answer: knik against the plain pipeline.

Both use the very same loaded engines, turn after turn, in the same run. knik hears recordings over a file
that is fed in real time; the plain pipeline's waiting time is its silence plus what its stages take.
"""

import dataclasses
import tempfile
from collections.abc import Mapping
from pathlib import Path

import soundfile

from benchmarks.common import Row, Spread, arguments, compare, model_sizes, report
from benchmarks.dialogue import Line, conversation, recorded_lines
from benchmarks.engine_sets import EngineSet, open_engines
from benchmarks.sequential import Sequential
from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import WavDevice
from knik.dialogue.history import History
from knik.session.assembly import make_ears, session_settings
from knik.session.session import Session
from knik.trace.turns import STAGES, Tracer, TurnTrace
from tests.rig.micro.models import SETTINGS as MICRO

SILENCE = 0.5
"""Seconds: what the best-known framework waits at the end of an utterance, with the plain pipeline."""


def knik_turns(engines: EngineSet, history: list[tuple[str, str]] | None = None) -> list[TurnTrace]:
    """One conversation of all lines; the traces of the turns that were answered."""
    script = engines.script
    script.turn = 0

    def next_line(trace: TurnTrace) -> None:
        script.turn += trace.outcome == "answered"

    tracer = Tracer(next_line)
    made: list[Session] = []
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "in.wav"
        soundfile.write(recording, conversation(script.lines), SAMPLE_RATE)
        device = WavDevice(
            recording,
            None,
            realtime=True,
            on_input_end=lambda: made[0].end_when_quiet(),
            on_error=lambda error: made[0].fail(error),
        )
        config = engines.config
        made.append(Session(engines.loaders, device, make_ears(config), session_settings(config), tracer))
        for number, (said, answered) in enumerate(history or []):
            made[0].history.commit(-1 - number, said)
            made[0].history.heard(-1 - number, answered)
        with made[0] as session:
            session.wait()
    return [trace for trace in tracer.finished if trace.outcome == "answered"]


def plain_turns(engines: EngineSet, silence: float = SILENCE) -> list[float]:
    """The same conversation through the plain pipeline; seconds to the first sound of each answer."""
    pipeline = Sequential(engines.full_ear, engines.chat, engines.voice, silence)
    settings = session_settings(engines.config)
    history = History(settings.system, settings.history_chars)
    waits = []
    for turn, line in enumerate(engines.script.lines):
        engines.script.turn = turn
        wait, reply = pipeline.first_sound(line.audio, history.messages())
        history.commit(turn, line.text)
        history.heard(turn, reply)
        waits.append(wait)
    return waits


def floor(trace: TurnTrace) -> float:
    """What cannot be hidden: the endpointer's silence and the synthesis of the first clause."""
    return trace.seconds["endpoint"] + trace.seconds["first_audio"]


def measure(name: str, settings: Mapping[str, object], lines: list[Line], rounds: int) -> list[Row]:
    """Rows of one set of engines."""
    engines = open_engines(settings, lines)
    plain: list[float] = []
    traces: list[TurnTrace] = []
    try:
        for number in range(rounds):
            for knik in (True, False) if number % 2 else (False, True):
                if knik:
                    traces += knik_turns(engines)
                else:
                    plain += plain_turns(engines)
    finally:
        engines.close()
    if len(traces) != len(plain):
        raise SystemExit(f"{name}: {len(traces)} of {len(plain)} turns were answered.")
    totals = [trace.seconds["total"] for trace in traces]
    floors = [floor(trace) for trace in traces]
    rows = compare({"plain pipeline": plain, "knik": totals}, "plain pipeline", group=name)
    over = [total / low for total, low in zip(totals, floors, strict=True)]
    rows.append(
        dataclasses.replace(
            Row("knik's floor", tuple(floors), group=name, baseline="plain pipeline"),
            notes={"knik / floor": f"{Spread.of(over).median:.2f}"},
        )
    )
    hidden = [trace.hidden for trace in traces]
    rows.append(Row("hidden", tuple(hidden), group=name, baseline="plain pipeline"))
    for stage in STAGES:
        values = tuple(trace.seconds[stage] for trace in traces if stage in trace.seconds)
        rows.append(Row(f"  {stage}", values, group=name, baseline="plain pipeline"))
    return rows


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--sets", default="micro", help="comma-separated: micro, small, medium")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    rows: list[Row] = []
    for name in options.sets.split(","):
        rows += measure(name, settings_of(name), recorded_lines(options.turns), options.rounds)
    report("From the end of speech to the first sound", rows, options.json)


def settings_of(name: str) -> Mapping[str, object]:
    """The configuration of a set of engines."""
    return MICRO


if __name__ == "__main__":
    main()
