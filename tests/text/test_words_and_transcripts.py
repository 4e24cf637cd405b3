"""Cutting a text at a word, paragraphs, and what Whisper invents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.text.paragraphs import iter_paragraphs
from knik.text.transcripts import clean_transcript, invention, is_repetitive
from knik.text.words import prefix_of_word_count, prefix_of_words, words


@given(st.text(), st.floats(0, 1))
def test_what_was_heard_is_a_prefix_of_what_was_written(text: str, fraction: float) -> None:
    assert text.startswith(prefix_of_words(text, fraction))


def test_nothing_and_everything_are_exact() -> None:
    text = "One, two; three."
    assert prefix_of_words(text, 0.0) == ""
    assert prefix_of_words(text, 1.0) == text
    assert prefix_of_word_count(text, 2) == "One, two;"
    assert words(text) == ["One,", "two;", "three."]


def test_figures_weigh_as_much_as_their_words() -> None:
    # "five dollars and fifty cents" takes most of the time, so half of it lies inside the amount.
    assert prefix_of_words("$5.50 is it", 0.3) == ""
    assert prefix_of_words("It costs now", 0.3) == "It"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (" Hello  there. ", "Hello there."),
        ("[BLANK_AUDIO]", ""),
        ("(music) Hello", "Hello"),
        ("♪♪", ""),
        ("...", ""),
        ("<|nospeech|>", ""),
    ],
)
def test_transcripts_lose_what_nobody_said(raw: str, clean: str) -> None:
    assert clean_transcript(raw) == clean


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Thank you for watching!", "known phrase"),
        ("Thanks for watching.", "known phrase"),
        ("You", "known phrase"),
        ("Subtitles by the Amara.org community", "known phrase"),
        ("the the the the the the the the the the the the the the the", "repetition"),
        ("Thank you.", ""),
        ("Bye.", ""),
        ("What time is it in London right now, please?", ""),
        ("no no no", ""),
    ],
)
def test_inventions_are_told_from_speech(text: str, why: str) -> None:
    assert invention(text) == why


def test_a_long_honest_sentence_is_not_repetitive() -> None:
    assert not is_repetitive(
        "The quick brown fox jumps over the lazy dog, and the dog, being lazy, does not mind it at all."
    )


def test_paragraphs_join_wrapped_lines_and_keep_lists() -> None:
    lines = ["One line\n", "goes on.\n", "\n", "\n", "A list:\n", "- first\n", "- second\n"]
    assert list(iter_paragraphs(lines)) == ["One line goes on.", "A list:\n- first\n- second"]


def test_paragraphs_are_given_out_before_the_text_is_read_to_its_end() -> None:
    def lines() -> "iter[str]":  # type: ignore[valid-type]
        yield "First.\n"
        yield "\n"
        raise AssertionError("read too far")

    assert next(iter_paragraphs(lines())) == "First."
