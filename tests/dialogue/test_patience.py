"""How long a pause is borne."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.patience import THINKING, Patience, PatienceConfig

RULES = PatienceConfig()
UNCLEAR = "The blue one."


def test_a_finished_question_is_answered_after_a_short_silence() -> None:
    assert Patience().silence(RULES, "What time is it?", "") == 0.25


def test_words_that_want_to_go_on_are_given_time_and_a_thinker_more() -> None:
    assert Patience().silence(RULES, "I would like to, um", "") == 1.5
    assert Patience().silence(RULES, "Let me think.", "") == THINKING


def test_a_whole_statement_is_waited_for_less_than_a_fragment() -> None:
    waits = [Patience().silence(RULES, text, "") for text in ("What time is it?", "I went home.", UNCLEAR)]
    assert waits == sorted(set(waits))


def test_after_a_question_of_knik_people_think_longer() -> None:
    plain = Patience().silence(RULES, UNCLEAR, "It is red.")
    asked = Patience().silence(RULES, UNCLEAR, "Which one do you want?")
    assert asked > plain
    assert Patience().silence(RULES, "the", "Which one?") > RULES.most


def test_a_user_with_long_pauses_is_waited_for_and_a_quick_one_is_not() -> None:
    slow, quick = Patience(), Patience()
    for _ in range(20):
        slow, quick = slow.went_on(0.9), quick.went_on(0.15)
    usual = Patience().silence(RULES, UNCLEAR, "")
    assert quick.silence(RULES, UNCLEAR, "") < usual < slow.silence(RULES, UNCLEAR, "")
    assert slow.silence(RULES, "What time is it?", "") == 0.25


def test_one_long_pause_does_not_make_a_slow_user() -> None:
    patience = Patience()
    for _ in range(20):
        patience = patience.went_on(0.25)
    assert patience.went_on(1.4).silence(RULES, UNCLEAR, "") == patience.silence(RULES, UNCLEAR, "")


@given(st.lists(st.floats(0.05, 10), max_size=50), st.text(max_size=30), st.booleans())
def test_the_wait_stays_within_its_bounds(pauses: list[float], text: str, asked: bool) -> None:
    patience = Patience()
    for pause in pauses:
        patience = patience.went_on(pause)
    wait = patience.silence(RULES, text, "Really?" if asked else "")
    assert RULES.least <= wait <= max(10.2, THINKING)
    assert len(patience.pauses) <= 20


@given(st.floats(0.1, 1.5), st.floats(0.1, 1.5))
def test_longer_pauses_never_shorten_the_wait(one: float, other: float) -> None:
    waits = [Patience((pause,) * 5).silence(RULES, UNCLEAR, "") for pause in sorted((one, other))]
    assert all(a <= b for a, b in itertools.pairwise(waits))


@pytest.mark.parametrize(
    ("text", "shorter", "longer"),
    [("the blue one", True, False), ("What time is it?", False, True), ("I would like to", False, False)],
)
def test_the_sound_moves_the_wait_one_step_but_never_cuts_open_words_short(
    text: str, *, shorter: bool, longer: bool
) -> None:
    config, patience = PatienceConfig(), Patience()
    words = patience.silence(config, text, "")
    assert (patience.silence(config, text, "", 0.9) < words) == shorter
    assert (patience.silence(config, text, "", 0.1) > words) == longer
    assert patience.silence(config, text, "", 0.1) >= patience.silence(config, text, "", 0.9)
