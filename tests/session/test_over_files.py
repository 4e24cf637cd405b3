"""Whole sessions over WAV files, with the built-in engines, faster than real time."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.wavfile import PLAYBACK_RATE, WavDevice, read_audio
from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.journal import Entry
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer
from tests.rig.analysis import sounds
from tests.rig.voices import silence, spoken

VOICE = "en-us+f2"


class WatchedDevice(WavDevice):
    """Notes when its speaker may rest, and when no longer; in seconds of the file."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.rests = [(0.0, False)]

    def rest_speaker(self, rests: bool) -> None:
        if rests != self.rests[-1][1]:
            self.rests.append((self.stream_time(), rests))


def talk(folder: Path, sound: Samples, typed: str = "", **flags: object) -> Session:
    """Hold the conversation that `sound` leads to; returns the ended session."""
    return watched_talk(folder, sound, typed, **flags)[0]


def watched_talk(
    folder: Path, sound: Samples, typed: str = "", **flags: object
) -> tuple[Session, WatchedDevice]:
    """As `talk`, and the device over which it was held."""
    soundfile.write(folder / "in.wav", sound, SAMPLE_RATE)
    config = load(None, {}, {"models.dir": str(folder / "models"), **flags}).config
    made: list[Session] = []
    device = WatchedDevice(
        folder / "in.wav",
        folder / "out.wav",
        settle=lambda: made[0].settle(),
        on_input_end=lambda: made[0].end_when_quiet(),
        on_error=lambda error: made[0].fail(error),
    )
    settings = session_settings(config, may_sleep=True)
    session = Session(engine_loaders(config), device, make_ears(config), settings, Tracer())
    made.append(session)
    with session:
        if typed:
            session.type_line(typed)
        assert session.wait(60)
    return session, device


def entries(session: Session, kind: str) -> list[Entry]:
    return [entry for entry in session.journal.since(0) if entry.kind == kind]


def test_questions_are_answered_one_after_another(tmp_path: Path) -> None:
    question = spoken("what time is it", VOICE)
    session = talk(tmp_path, np.concatenate([silence(0.5), question, silence(4), question, silence(1)]))
    assert [entry.text for entry in entries(session, "user")] == ["what time is it"] * 2
    assert all(entry.text.startswith("It is ") for entry in entries(session, "assistant"))
    answers = sounds(read_audio(tmp_path / "out.wav", PLAYBACK_RATE), PLAYBACK_RATE)
    assert len(answers) == 2
    spoken_until = 0.5 + question.size / SAMPLE_RATE
    # "What time is it" sounds finished: 250 ms of silence are enough.
    assert 0.2 < answers[0][0] - spoken_until < 0.45


def test_with_a_fixed_endpointer_every_answer_waits_as_long(tmp_path: Path) -> None:
    question = spoken("what time is it", VOICE)
    sound = np.concatenate([silence(0.5), question, silence(2)])
    session = talk(tmp_path, sound, **{"endpoint.adaptive": False, "endpoint.silence_ms": 900})
    (turn,) = session.tracer.finished
    assert 0.8 < turn.seconds["endpoint"] < 1.1


def test_the_reply_was_ready_when_the_silence_was_certain(tmp_path: Path) -> None:
    session = talk(tmp_path, np.concatenate([silence(0.5), spoken("what time is it", VOICE), silence(2)]))
    (turn,) = session.tracer.finished
    # In file time, work takes none: what is left is the silence that had to be waited for.
    assert turn.seconds["total"] - turn.seconds["endpoint"] < 0.05


def test_a_pause_inside_a_sentence_neither_ends_it_nor_answers_twice(tmp_path: Path) -> None:
    sound = [
        silence(0.5),
        spoken("what is seven", VOICE),
        silence(0.45),
        spoken("times eight", VOICE),
        silence(2),
    ]
    session = talk(tmp_path, np.concatenate(sound))
    outcomes = [trace.outcome for trace in session.tracer.finished]
    assert outcomes.count("answered") == 1
    assert outcomes.count("resumed") >= 1
    assert len(entries(session, "user")) == 1
    assert len(sounds(read_audio(tmp_path / "out.wav", PLAYBACK_RATE), PLAYBACK_RATE, gap=1.0)) == 1


def test_speech_over_the_answer_cuts_it_off_and_the_history_keeps_what_was_heard(tmp_path: Path) -> None:
    help_, time_ = spoken("what can you do", VOICE), spoken("what time is it", VOICE)
    sound = np.concatenate([silence(0.5), help_, silence(2.2), time_, silence(2)])
    session = talk(tmp_path, sound)
    cut, whole = entries(session, "assistant")
    assert cut.cut_off
    assert not whole.cut_off
    full = "I am knik. I tell the time and the date, do sums, convert units and set timers."
    assert full.startswith(cut.text.rstrip(".,"))
    assert session.history.exchanges[0].assistant == cut.text
    assert session.history.exchanges[0].cut_off
    interrupted_at = (0.5 + 2.2) * SAMPLE_RATE + help_.size
    played = read_audio(tmp_path / "out.wav", SAMPLE_RATE)
    silent = played[round(interrupted_at + 0.3 * SAMPLE_RATE) : round(interrupted_at + time_.size)]
    assert not np.any(np.abs(silent) > 0.002)


def test_with_barge_in_off_the_answer_is_heard_to_its_end(tmp_path: Path) -> None:
    sound = np.concatenate(
        [
            silence(0.5),
            spoken("what can you do", VOICE),
            silence(2.2),
            spoken("what time is it", VOICE),
            silence(9),
        ]
    )
    session = talk(tmp_path, sound, **{"barge_in.mode": "off"})
    assert [entry.cut_off for entry in entries(session, "assistant")] == [False]


def test_goodbye_ends_the_conversation_after_its_answer(tmp_path: Path) -> None:
    session = talk(tmp_path, silence(30), typed="goodbye")
    assert entries(session, "assistant")[-1].text == "Goodbye."
    assert soundfile.info(tmp_path / "out.wav").duration < 10


def test_a_timer_speaks_when_it_ends(tmp_path: Path) -> None:
    # Typed, since PocketSphinx does not hear this sentence of espeak-ng's every time.
    session = talk(tmp_path, silence(12), typed="set a timer for five seconds")
    said = [entry.text for entry in entries(session, "assistant")]
    assert said == ["A timer for 5 seconds, starting now.", "Your timer for 5 seconds has ended."]


def test_the_speaker_rests_at_first_and_after_a_long_quiet_until_somebody_speaks(tmp_path: Path) -> None:
    question = spoken("what time is it", VOICE)
    lead, quiet = 6.0 + question.size / SAMPLE_RATE, 30.0
    sound = [silence(6.0), question, silence(quiet), question, silence(4)]
    _, device = watched_talk(tmp_path, np.concatenate(sound))
    answers = sounds(read_audio(tmp_path / "out.wav", PLAYBACK_RATE), PLAYBACK_RATE)
    (_, (first, _), (asked, _), (rested, _), (woken, _)) = device.rests
    assert first == pytest.approx(4, abs=0.5)
    assert 0 <= asked - 6 < 0.5
    assert rested == pytest.approx(answers[0][1] + 20, abs=0.5)
    assert 0 <= woken - (lead + quiet) < 0.5
    assert len(answers) == 2


def test_silence_and_noise_are_not_answered(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).standard_normal(5 * SAMPLE_RATE).astype(np.float32) * 0.01
    session = talk(tmp_path, np.concatenate([silence(2), noise]))
    assert not entries(session, "user")
    assert not sounds(read_audio(tmp_path / "out.wav", PLAYBACK_RATE), PLAYBACK_RATE)


def test_no_thread_outlives_the_session(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    talk(tmp_path, silence(0.5))
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000])
def test_recordings_of_any_rate_and_in_stereo_are_heard(tmp_path: Path, rate: int) -> None:
    question = np.concatenate(
        [silence(0.5, rate), spoken("what time is it", VOICE, rate=rate), silence(1, rate)]
    )
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([question, question], axis=1), rate)
    session = talk(tmp_path, read_audio(path))
    assert len(entries(session, "user")) == 1
