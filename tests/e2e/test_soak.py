"""A hundred and twenty turns in a row with real engines on the micro models: nothing grows."""

from pathlib import Path

import numpy as np
import psutil
import soundfile

from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import WavDevice
from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer, TurnTrace
from tests.rig.micro.models import SETTINGS
from tests.rig.voices import silence, spoken

TURNS = 120
UTTERANCES = ("Yes.", "Who are you?", "Tell me a joke.", "Flip a coin.")


def test_memory_threads_and_files_stay_flat_over_many_turns(tmp_path: Path) -> None:
    voices = [spoken(text, "en-us+f2") for text in UTTERANCES]
    parts = [silence(0.5)]
    for turn in range(TURNS):
        # Every fourth answer is interrupted by the next utterance.
        parts += [voices[turn % len(voices)], silence(1.4 if turn % 4 == 1 else 6.5)]
    soundfile.write(tmp_path / "in.wav", np.concatenate(parts), SAMPLE_RATE)
    process = psutil.Process()
    samples: list[tuple[float, int, int]] = []

    def measure(_: TurnTrace) -> None:
        samples.append((process.memory_info().rss / 2**20, process.num_threads(), process.num_fds()))

    config = load(None, {}, SETTINGS).config
    tracer = Tracer(measure)
    made: list[Session] = []
    device = WavDevice(
        tmp_path / "in.wav",
        None,
        settle=lambda: made[0].settle(),
        on_input_end=lambda: made[0].end_when_quiet(),
        on_error=lambda error: made[0].fail(error),
    )
    session = Session(engine_loaders(config), device, make_ears(config), session_settings(config), tracer)
    made.append(session)
    with session:
        assert session.wait(170)
    outcomes = [trace.outcome for trace in tracer.finished]
    assert outcomes.count("answered") + outcomes.count("interrupted") == TURNS
    assert outcomes.count("interrupted") >= TURNS // 5
    assert not [trace.reason for trace in tracer.finished if trace.outcome == "failed"]
    third = len(samples) // 3
    early, late = np.median(samples[third : 2 * third], axis=0), np.median(samples[-third:], axis=0)
    assert late[0] - early[0] < 12, "megabytes"
    assert late[1] <= early[1], "threads"
    assert late[2] <= early[2], "open files"
