"""How long clauses may be where synthesis takes its time."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.text.pace import FADE, FEWEST, NEGLIGIBLE, Pace

SOUND = 0.08
"""Seconds of a character."""


def test_before_anything_was_spoken_no_clause_is_shortened() -> None:
    assert Pace().first == math.inf
    assert Pace().next(20, 20) == math.inf


def test_the_first_clause_has_the_characters_that_fit_into_its_time() -> None:
    assert Pace().spoke(50, 1.25, 4.0).first == pytest.approx(24)
    assert Pace().spoke(50, 9.0, 4.0).first == FEWEST


def test_what_came_out_of_a_cache_teaches_nothing() -> None:
    slow = Pace().spoke(50, 2.0, 4.0)
    assert slow.spoke(50, NEGLIGIBLE / 2, 4.0) == slow
    assert slow.spoke(0, 1.0, 0.0) == slow


def test_a_machine_that_became_fast_is_believed_within_a_reply() -> None:
    pace = Pace().spoke(50, 2.0, 4.0)
    for _ in range(8):
        pace = pace.spoke(50, 0.2, 4.0)
    assert pace.first > 120


def test_a_voice_that_can_never_keep_up_speaks_whole_sentences() -> None:
    pace = Pace().spoke(50, 3.6, 4.0)
    assert pace.first == FEWEST
    assert pace.next(20, 20) == math.inf


def test_a_doubted_pace_is_outweighed_by_the_next_clause() -> None:
    doubted = Pace().spoke(25, 3.0, 2.0).doubted()
    assert doubted.first == FEWEST
    assert doubted.spoke(50, 1.0, 4.0).first == pytest.approx(30, abs=3)


def test_later_clauses_count_more() -> None:
    paces = [Pace().spoke(50, 1.0, 4.0)]
    for _ in range(4):
        paces.append(paces[-1].spoke(50, 2.0, 4.0))
    costs = [pace.work / pace.chars for pace in paces]
    assert all(later > earlier for earlier, later in pairwise(costs))
    assert costs[1] == pytest.approx((FADE + 2.0) / (50 * (FADE + 1)))


@given(st.floats(0.005, 0.1), st.lists(st.integers(FEWEST, 200), min_size=1, max_size=12))
def test_no_clause_that_keeps_to_its_limit_is_late(work: float, wished: list[int]) -> None:
    """Simulated: the second clause is begun 0.3 s after the first one begins to sound."""
    pace = Pace().spoke(100, 100 * work, 100 * SOUND)
    first = given_chars = wished[0]
    ready = 0.3
    for wish in wished[1:]:
        most = pace.next(first, given_chars)
        # The fewest characters are taken even where they come too late; and where nothing helps, all.
        if most in (FEWEST, math.inf):
            return
        chars = min(wish, int(most))
        ready += chars * work
        assert ready <= given_chars * SOUND
        given_chars += chars
