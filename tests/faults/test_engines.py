"""An engine goes wrong in one turn: it is told plainly, and the next turn works."""

from functools import partial
from pathlib import Path

import pytest

from tests.faults.talk import ANSWERS, QUESTIONS, last_turn, talk, told
from tests.rig.faults.fixtures import Break

CALLS = {"transcriber": 2, "chat": 2, "synthesizer": 3}
"""Which call of each engine belongs to the second turn; the voice is tried once at the start."""


def assert_plain(messages: list[str]) -> None:
    """A person can read them: one line each, no traceback."""
    assert messages
    for message in messages:
        assert "\n" not in message
        assert "Traceback" not in message
        assert len(message) < 400


@pytest.mark.parametrize("stage", CALLS)
def test_an_engine_with_a_bug_costs_one_turn(tmp_path: Path, raising_engine: Break, stage: str) -> None:
    session = talk(tmp_path, breaks=partial(raising_engine, stage=stage, at=CALLS[stage]))
    assert_plain(told(session, "error"))
    assert f"the {stage} broke" in " ".join(told(session, "error"))
    assert last_turn(session) == (QUESTIONS[2], ANSWERS[QUESTIONS[2]])


@pytest.mark.parametrize("stage", CALLS)
def test_an_engine_that_stalls_is_left_when_the_user_speaks_again(
    tmp_path: Path, stalling_engine: Break, stage: str
) -> None:
    session = talk(
        tmp_path, breaks=partial(stalling_engine, stage=stage, at=CALLS[stage]), realtime=True, gap=4.0
    )
    assert last_turn(session) == (QUESTIONS[2], ANSWERS[QUESTIONS[2]])
    assert [trace.outcome for trace in session.tracer.finished].count("interrupted") == 1


@pytest.mark.parametrize("stage", CALLS)
def test_garbage_of_an_engine_costs_one_turn(tmp_path: Path, garbage_engine: Break, stage: str) -> None:
    session = talk(tmp_path, breaks=partial(garbage_engine, stage=stage, at=CALLS[stage]), gap=12.0)
    assert last_turn(session) == (QUESTIONS[2], ANSWERS[QUESTIONS[2]])
    for text in [*told(session, "user"), *told(session, "assistant"), *told(session, "clause")]:
        assert "\x1b" not in text
        assert "\x00" not in text


@pytest.mark.parametrize("stage", CALLS)
def test_an_engine_that_takes_its_thread_along_is_told_and_nothing_hangs(
    tmp_path: Path, dying_engine: Break, stage: str
) -> None:
    session = talk(tmp_path, breaks=partial(dying_engine, stage=stage, at=CALLS[stage]))
    assert_plain(told(session, "error"))
    assert last_turn(session) == (QUESTIONS[2], ANSWERS[QUESTIONS[2]])
