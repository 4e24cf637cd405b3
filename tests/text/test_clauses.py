"""Cutting a reply into clauses while it is written."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.text.clauses import HARD_MAX_CHARS, LONGEST_WORD, ClauseSplitter
from knik.text.pace import Pace

SLOW = Pace(chars=50, work=2.0, sound=4.0)
"""A voice that takes half as long as it then speaks."""


def split(*pieces: str, pace: Pace = Pace()) -> list[str]:  # noqa: B008 - frozen
    splitter = ClauseSplitter(lambda: pace)
    clauses = [clause for piece in pieces for clause in splitter.feed(piece)]
    return [*clauses, *splitter.flush()]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("Hello. How are you?", ["Hello.", "How are you?"]),
        ("Well, I think so.", ["Well, I think so."]),
        ("As far as I know, it is so.", ["As far as I know,", "it is so."]),
        ("Pi is 3.14 or so. Yes.", ["Pi is 3.14 or so.", "Yes."]),
        ("At 10:30 sharp, Dr. Smith came.", ["At 10:30 sharp,", "Dr. Smith came."]),
        ("Some fruit, e.g. apples. Done.", ["Some fruit, e.g. apples.", "Done."]),
        ("Ask J. R. Smith now. Go.", ["Ask J. R. Smith now.", "Go."]),
        ("1. Stir\n2. Bake\n", ["1. Stir", "2. Bake"]),
        ("The U.S. economy grew. Good.", ["The U.S. economy grew.", "Good."]),
        ("Mr. Smith left at 5 p.m. to sleep. Good.", ["Mr. Smith left at 5 p.m. to sleep.", "Good."]),
        ("See [this. Here](http://a.b/c d) now. Good.", ["See [this. Here](http://a.b/c d) now.", "Good."]),
        ("你好，我是助手。今天天气很好。", ["你好，我是助手。", "今天天气很好。"]),
        ("It is 5. Next one.", ["It is 5.", "Next one."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("See example.com. Then go.", ["See example.com.", "Then go."]),
        ("你好。再见。", ["你好。", "再见。"]),
        ("Wait... what?", ["Wait...", "what?"]),
        ("It costs 1,000 dollars. Ok.", ["It costs 1,000 dollars.", "Ok."]),
    ],
)
def test_clauses_end_where_a_speaker_would_pause(text: str, clauses: list[str]) -> None:
    assert split(text) == clauses


def test_the_first_clause_is_given_out_before_the_sentence_is_complete() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("If you ask me, ") == ["If you ask me,"]
    assert splitter.feed("I would rather stay at home, since it rains") == []


def test_without_punctuation_the_first_clause_is_cut_after_ten_words() -> None:
    text = "red blue green white black pink brown grey gold silver bronze yellow"
    assert split(text)[0] == "red blue green white black pink brown grey gold silver"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("The capital of France is Paris and nothing else.", "The capital of France"),
        ("For a soft egg I would say six minutes.", "For a soft egg"),
        ("Sure, I can help you with that one.", "Sure, I can help you with that one."),
        ("It has three hundred and eighty rooms.", "It has three hundred and eighty rooms."),
        ("You should go see Dr. Smith about it, I think.", "You should go see Dr. Smith"),
        ("You should install version 3 now.", "You should install version 3 now."),
        ("The moon is about 380,000 kilometres away.", "The moon is about"),
        ("Plants make food by which we all live.", "Plants make food"),
    ],
)
def test_where_the_voice_is_slow_the_first_clause_is_shorter_and_ends_where_the_ear_bears_it(
    text: str, first: str
) -> None:
    assert split(text, pace=SLOW)[0] == first


def test_where_the_voice_is_slow_clauses_grow_no_faster_than_the_sound_that_is_ahead() -> None:
    text = "green " * 60
    words = [len(clause.split()) for clause in split(text, pace=SLOW)]
    assert words[:5] == [4, 5, 7, 10, 14]
    assert [len(clause.split()) for clause in split(text)][1] == 41  # whole, up to the longest clause


def test_the_first_clause_is_cut_before_a_conjunction_but_not_inside_a_number() -> None:
    assert split("It is cold outside today and there may be rain.")[0] == "It is cold outside today"
    assert split("It is about three hundred and eighty metres long.")[0].startswith(
        "It is about three hundred and"
    )


def test_text_without_an_end_still_streams() -> None:
    clauses = split("word " * 20_000)
    assert max(map(len, clauses)) <= HARD_MAX_CHARS + 8
    assert len(split("x" * 50_000)) == pytest.approx(50_000 / LONGEST_WORD, abs=2)


def test_a_code_block_stays_whole() -> None:
    text = "Try this: ```python\nfor x in y:\n    print(x)\n``` It prints. Good."
    assert next(c for c in split(text) if "print(x)" in c).count("```") == 2


texts = st.text(st.sampled_from("ab. ,\n!?3:`-é。\"'"), max_size=300)


@given(texts)
def test_no_word_is_lost_or_invented(text: str) -> None:
    joined = "".join(split(text))
    assert "".join(joined.split()) == "".join(text.split())


@given(texts, st.lists(st.integers(0, 300), max_size=10))
def test_how_the_pieces_are_cut_makes_no_difference(text: str, cuts: list[int]) -> None:
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    assert split(*pieces) == split(text)
