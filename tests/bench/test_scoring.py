"""Error rates against cases that were counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.bench.scoring import Counts, score, total


@pytest.mark.parametrize(
    ("said", "heard", "counts"),
    [
        ("the cat sat", "the cat sat", Counts(3, 0, 0, 0)),
        ("the cat sat", "the dog sat", Counts(2, 1, 0, 0)),
        ("the cat sat", "the sat", Counts(2, 0, 1, 0)),
        ("the cat sat", "the cat sat down", Counts(3, 0, 0, 1)),
        ("the cat sat", "", Counts(0, 0, 3, 0)),
        ("red green blue tree", "green blue house tree sky", Counts(3, 0, 1, 2)),
        ("It's Mr. Smith.", "it is mister smith", Counts(4, 0, 0, 0)),
        ("twenty-five dollars", "$25", Counts(1, 0, 0, 0)),
        ("The colour!", "the color", Counts(2, 0, 0, 0)),
    ],
)
def test_words_are_counted_as_by_hand(said: str, heard: str, counts: Counts) -> None:
    assert score(said, heard).words == counts


def test_characters_are_counted_too() -> None:
    found = score("cat", "cut").characters
    assert (found.substitutions, found.length, found.rate) == (1, 3, pytest.approx(1 / 3))


def test_without_a_reference_every_heard_word_is_an_insertion() -> None:
    assert score("", "hello there").words == Counts(insertions=2)
    assert score("...", "hello").words.rate == 1.0
    assert score("", "").words.rate == 0.0


def test_the_total_weighs_long_recordings_more() -> None:
    counts = total([Counts(hits=9, substitutions=1), Counts(deletions=2)])
    assert counts.rate == pytest.approx(3 / 12)


def test_the_alignment_tells_what_became_of_what() -> None:
    pieces = [(p.edit, p.said, p.heard) for p in score("play some jazz", "play sum jazz now").alignment]
    assert pieces == [
        ("equal", "play", "play"),
        ("substitute", "some", "sum"),
        ("equal", "jazz", "jazz"),
        ("insert", "", "now"),
    ]


words = st.lists(st.sampled_from("red green blue tree house".split()), max_size=8).map(" ".join)


@given(words, words)
def test_counts_add_up(said: str, heard: str) -> None:
    counts = score(said, heard).words
    assert counts.length == len(said.split())
    assert counts.hits + counts.substitutions + counts.insertions == len(heard.split())
    assert (counts.errors == 0) == (said == heard)
