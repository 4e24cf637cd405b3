"""How long clauses may be where synthesis takes its time."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.text.pace import FADE, FEWEST_WORDS, MOST_WORDS, NEGLIGIBLE, Pace


def test_before_anything_was_spoken_no_clause_is_shortened() -> None:
    assert Pace().first_words == MOST_WORDS
    assert Pace().next_words(3, 3) == math.inf


def test_the_first_clause_has_the_words_that_fit_into_its_time() -> None:
    assert Pace().spoke(10, 1.25, 4.0).first_words == 6
    assert Pace().spoke(10, 0.4, 4.0).first_words == MOST_WORDS
    assert Pace().spoke(10, 9.0, 4.0).first_words == FEWEST_WORDS


def test_what_came_out_of_a_cache_teaches_nothing() -> None:
    slow = Pace().spoke(10, 2.0, 4.0)
    assert slow.spoke(10, NEGLIGIBLE / 2, 4.0) == slow
    assert slow.spoke(0, 1.0, 0.0) == slow


def test_a_machine_that_became_fast_is_believed_within_a_reply() -> None:
    pace = Pace().spoke(10, 2.0, 4.0)
    for _ in range(8):
        pace = pace.spoke(10, 0.2, 4.0)
    assert pace.first_words == MOST_WORDS


@given(
    st.floats(0.05, 0.6),
    st.lists(st.integers(FEWEST_WORDS, 40), min_size=1, max_size=12),
)
def test_no_clause_that_keeps_to_its_limit_is_late(work: float, wished: list[int]) -> None:
    """Simulated: the second clause is begun when the first one begins to sound."""
    sound = 0.4
    pace = Pace().spoke(10, 10 * work, 10 * sound)
    first = min(wished[0], pace.first_words)
    ready, given_words, late = 0.0, first, False
    for wish in wished[1:]:
        most = pace.next_words(first, given_words)
        words = min(wish, int(most))
        ready += words * work
        # The fewest words are taken even where they come too late.
        late |= most > FEWEST_WORDS and ready > given_words * sound
        given_words += words
    assert not late


def test_later_clauses_count_more() -> None:
    paces = [Pace().spoke(10, 1.0, 4.0)]
    for _ in range(4):
        paces.append(paces[-1].spoke(10, 2.0, 4.0))
    costs = [pace.work / pace.words for pace in paces]
    assert all(later > earlier for earlier, later in pairwise(costs))
    assert costs[1] == pytest.approx((FADE + 2.0) / (10 * (FADE + 1)))
