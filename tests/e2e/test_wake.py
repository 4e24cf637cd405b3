"""Sleeping and waking over files, with the built-in engines."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import PLAYBACK_RATE, read_audio
from knik.session.session import Session
from tests.rig.analysis import sounds
from tests.rig.voices import silence, spoken
from tests.session.test_over_files import VOICE, entries, talk

PHRASE = "good morning"
"""The built-in ear, once it knows the voice, hears it each time from espeak-ng; "hey knik" most times."""


def spoken_to(folder: Path, *parts: str | float, **flags: object) -> Session:
    """Hold a conversation with one who sleeps: sentences, and seconds of silence between them."""
    sound = [spoken(part, VOICE) if isinstance(part, str) else silence(part) for part in parts]
    return talk(
        folder,
        np.concatenate([silence(0.5), *sound]),
        **{"wake.enabled": True, "wake.phrase": PHRASE, **flags},
    )


def told(session: Session) -> list[tuple[str, str]]:
    kinds = ("user", "assistant", "asleep", "awake")
    return [
        (entry.kind, entry.text.split(" at ")[0]) for entry in session.journal.since(0) if entry.kind in kinds
    ]


def test_asleep_a_question_is_not_answered_and_after_the_phrase_it_is(tmp_path: Path) -> None:
    question = "what time is it"
    session = spoken_to(tmp_path, question, 3.0, f"{PHRASE}, {question}", 3.0, question, 2.0)
    assert [kind for kind, _ in told(session)] == ["asleep", "awake"] + ["user", "assistant"] * 2
    assert [entry.text for entry in entries(session, "user")] == [question] * 2
    assert len(session.history.exchanges) == 2
    asked = 0.5 + spoken(question, VOICE).size / SAMPLE_RATE + 3.0
    first, _ = sounds(read_audio(tmp_path / "out.wav", PLAYBACK_RATE), PLAYBACK_RATE, gap=1.0)
    assert first[0] > asked
    # The turn that woke it was worked on ahead like any other: nothing but the silence was waited for.
    turn = next(trace for trace in session.tracer.finished if trace.outcome == "answered")
    assert turn.seconds["total"] - turn.seconds["endpoint"] < 0.05
    assert turn.seconds["endpoint"] < 0.45


def test_it_sleeps_again_when_it_is_sent_to_and_when_nobody_talks(tmp_path: Path) -> None:
    question = "what time is it"
    call = f"{PHRASE}, {question}"
    parts = (question, 3.0, call, 3.0, "go to sleep", 3.0, question, 3.0, call, 9.0, question, 2.0)
    session = spoken_to(tmp_path, *parts, **{"wake.sleep_after_s": 5})
    turn = ["user", "assistant"]
    sent = ["user", "asleep", "assistant"]
    assert [kind for kind, _ in told(session)] == ["asleep", "awake", *turn, *sent, "awake", *turn, "asleep"]
    assert [entry.text for entry in entries(session, "user")] == [question, "go to sleep", question]


def test_the_phrase_alone_is_answered_and_then_the_question_is(tmp_path: Path) -> None:
    session = spoken_to(tmp_path, "what time is it", 3.0, PHRASE, 3.0, "what time is it", 3.0)
    assert [text for _, text in told(session)[2:5]] == [PHRASE, "Yes?", "what time is it"]


def test_lines_and_json_tell_whether_it_is_asleep(tmp_path: Path) -> None:
    soundfile.write(
        tmp_path / "in.wav",
        np.concatenate([silence(0.5), spoken("what time is it", VOICE), silence(1)]),
        SAMPLE_RATE,
    )
    command = [
        sys.executable,
        "-m",
        "knik",
        "chat",
        "--input-wav",
        str(tmp_path / "in.wav"),
        "--wake-phrase",
        "computer",
    ]
    lines = subprocess.run(
        [*command, "--json"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert {
        "event": "asleep",
        "turn": 0,
        "text": 'Asleep. Say "computer" to wake me.',
        "cut_off": False,
    } in events
    assert not [event for event in events if event["event"] in ("user", "assistant")]
    plain = subprocess.run([*command, "--plain"], capture_output=True, text=True, check=True)
    assert 'note: Asleep. Say "computer" to wake me.' in plain.stderr
    assert plain.stdout == ""


@pytest.mark.parametrize("other", ["--text", "--push-to-talk"])
def test_there_is_nothing_to_sleep_for_where_talk_begins_by_hand(other: str) -> None:
    command = [sys.executable, "-m", "knik", "chat", "--wake", other]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f"--wake and {other} exclude each other" in refused.stderr
