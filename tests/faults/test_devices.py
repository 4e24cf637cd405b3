"""The device goes wrong, over files: nothing hangs, and what is said afterwards is answered."""

from collections.abc import Callable
from pathlib import Path

from knik.audio.device import AudioDevice
from tests.faults.talk import ANSWERS, QUESTIONS, last_turn, talk
from tests.rig.faults.fixtures import BreakDevice

LAST = (QUESTIONS[2], ANSWERS[QUESTIONS[2]])


def test_a_device_that_vanishes_for_a_while_loses_what_was_said_then_and_no_more(
    tmp_path: Path, vanishing_device: BreakDevice
) -> None:
    # The second question lies within.
    session = talk(tmp_path, wraps=lambda device: vanishing_device(device, 9.0, 19.0))
    assert [exchange.user for exchange in session.history.exchanges] == [QUESTIONS[0], QUESTIONS[2]]
    assert last_turn(session) == LAST


def test_a_headset_that_turns_to_8_khz_is_heard_on(
    tmp_path: Path, rate_changing_device: Callable[[AudioDevice, float], AudioDevice]
) -> None:
    session = talk(tmp_path, wraps=lambda device: rate_changing_device(device, 9.0))
    assert len(session.history.exchanges) == len(QUESTIONS)
    assert session.history.exchanges[0].assistant == ANSWERS[QUESTIONS[0]]


def test_lost_blocks_are_counted_and_the_conversation_goes_on(
    tmp_path: Path, underrunning_device: BreakDevice
) -> None:
    session = talk(tmp_path, wraps=lambda device: underrunning_device(device, 2.0, 6.0))
    view = session.view()
    assert view.dropped_frames
    assert view.underruns
    assert last_turn(session) == LAST
