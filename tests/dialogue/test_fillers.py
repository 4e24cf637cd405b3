"""Fillers: only when the answer will be late, never twice running."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.fillers import ENOUGH, FILLERS, LATE, Fillers

SLOW = [LATE + 0.5] * ENOUGH


def test_a_late_answer_is_bridged() -> None:
    assert Fillers().choose(SLOW, 0.1)[1] == FILLERS[0]


def test_an_answer_that_will_be_there_soon_is_not() -> None:
    assert Fillers().choose([LATE - 0.1] * 8, 0.0)[1] == ""
    assert Fillers().choose(SLOW, 0.6)[1] == ""


def test_nothing_is_predicted_from_a_few_answers_or_one_slow_one() -> None:
    assert Fillers().choose(SLOW[1:], 0.0)[1] == ""
    assert Fillers().choose([0.2, 0.2, 9.0], 0.0)[1] == ""


def test_a_machine_that_became_fast_is_believed() -> None:
    assert Fillers().choose([3.0] * 20 + [0.2] * 8, 0.0)[1] == ""


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 3)), max_size=40))
def test_never_in_two_turns_running_and_never_the_same_twice_in_a_row(
    turns: list[tuple[float, float]],
) -> None:
    fillers, took, said = Fillers(), [], []
    for seconds, elapsed in turns:
        fillers, text = fillers.choose(took, elapsed)
        said.append(text)
        took.append(seconds)
    assert not any(a and b for a, b in itertools.pairwise(said))
    spoken = [text for text in said if text]
    assert all(a != b for a, b in itertools.pairwise(spoken))
