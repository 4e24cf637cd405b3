"""Fillers: only when the answer will be late, never twice running."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.fillers import ENOUGH, FILLERS, LATE, Fillers, expected_wait

LASTING = dict.fromkeys(FILLERS, LATE)


def test_a_late_answer_is_bridged() -> None:
    assert Fillers().choose(LATE, LASTING)[1] == FILLERS[0]


def test_an_answer_that_will_be_there_soon_is_not() -> None:
    assert Fillers().choose(LATE - 0.1, LASTING)[1] == ""


def test_what_has_passed_of_the_wait_is_not_to_come() -> None:
    took = [2.0] * ENOUGH
    assert expected_wait(took, 0.0) == 2.0
    assert expected_wait(took, 1.5) == 0.5


def test_nothing_is_predicted_from_a_few_answers_or_one_slow_one() -> None:
    assert expected_wait([2.0] * (ENOUGH - 1), 0.0) == 0.0
    assert expected_wait([0.2, 0.2, 9.0], 0.0) == 0.2


def test_a_machine_that_became_fast_is_believed() -> None:
    assert expected_wait([3.0] * 20 + [0.2] * 8, 0.0) == 0.2


def test_a_filler_that_would_hold_up_the_answer_is_passed_over() -> None:
    lasting = {**LASTING, FILLERS[0]: 1.5, FILLERS[1]: 1.2}
    fillers, text = Fillers().choose(1.0, lasting)
    assert text == FILLERS[2]
    assert fillers.choose(9.0, lasting) == (Fillers(FILLERS.index(text) + 1), "")
    only = {FILLERS[0]: 0.5}
    assert Fillers(1).choose(9.0, only)[1] == ""  # it was the last one
    assert Fillers().choose(1.0, dict.fromkeys(FILLERS, 1.1))[1] == ""


def test_a_filler_that_was_not_spoken_in_advance_is_not_said() -> None:
    assert Fillers().choose(5.0, {})[1] == ""


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.2, 2)), max_size=40))
def test_never_in_two_turns_running_and_never_the_same_twice_in_a_row(
    turns: list[tuple[float, float]],
) -> None:
    fillers, said = Fillers(), []
    for wait, longest in turns:
        lengths = {text: longest * (i + 1) / len(FILLERS) for i, text in enumerate(FILLERS)}
        fillers, text = fillers.choose(wait, lengths)
        said.append(text)
    assert not any(a and b for a, b in itertools.pairwise(said))
    spoken = [text for text in said if text]
    assert all(a != b for a, b in itertools.pairwise(spoken))
