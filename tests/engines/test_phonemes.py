import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.engines.phoneme_pieces import phoneme_pieces
from knik.engines.word_timing import PhonemeTime, word_times


@given(st.lists(st.text("abc.,", min_size=1, max_size=12), max_size=60), st.integers(5, 40))
def test_pieces_fit_and_together_are_the_text(words: list[str], limit: int) -> None:
    text = " ".join(words)
    pieces = list(phoneme_pieces(text, str.upper, limit))
    assert all(0 < len(phonemes) <= limit for _, phonemes in pieces)
    heard = [word for part, _ in pieces for word in part.split() if word.strip(".,")]
    assert heard == [word for word in words if word.strip(".,")]


def test_a_long_text_is_cut_behind_a_mark_near_its_middle() -> None:
    text = "one two three four, five six seven"
    assert [part for part, _ in phoneme_pieces(text, str, 20)] == [
        "one two three four,",
        "five six seven",
    ]


def test_a_word_that_is_too_long_is_cut_among_its_phonemes() -> None:
    assert list(phoneme_pieces("abcdefg", str.upper, 3)) == [
        ("abcdefg", "ABC"),
        ("", "DEF"),
        ("", "G"),
    ]


def test_mere_punctuation_is_not_spoken() -> None:
    assert list(phoneme_pieces("...", str, 10)) == []


def phonemes(text: str) -> list[PhonemeTime]:
    return [PhonemeTime(char, 0.1 * i, 0.1 * (i + 1)) for i, char in enumerate(text)]


def test_words_lie_where_their_phonemes_lie() -> None:
    first, second = word_times("Hello, world.", phonemes("hɛlo, wɜld."))
    assert (first.text, second.text) == ("Hello,", "world.")
    assert (first.start, first.end) == (pytest.approx(0.0), pytest.approx(0.4))
    assert (second.start, second.end) == (pytest.approx(0.6), pytest.approx(1.0))


@given(st.lists(st.text("abc", min_size=1), min_size=1), st.lists(st.text("ɐɔ", min_size=1), min_size=1))
def test_words_that_espeak_joins_or_splits_are_in_order_and_within(
    words: list[str], groups: list[str]
) -> None:
    spoken = phonemes(" ".join(groups))
    times = word_times(" ".join(words), spoken)
    assert [word.text for word in times] == words
    edges = [edge for word in times for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert edges[0] >= 0
    assert edges[-1] <= spoken[-1].end + 1e-9


def test_without_phonemes_there_are_no_times() -> None:
    assert word_times("hello", []) == []
