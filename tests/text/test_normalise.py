"""What a person would say for what is written."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.text.normalise import speech_text

CASES = [
    ("Hello **world**!", "Hello world!"),
    ("It is *very* good.", "It is very good."),
    ("__Really__ so.", "Really so."),
    ("# Heading", "Heading"),
    ("- item one", "item one"),
    ("* item two", "item two"),
    ("- [x] done", "done"),
    ("1. Stir well", "one: Stir well"),
    ("> quoted", "quoted"),
    ("See [the docs](https://a.b/c).", "See the docs."),
    ("![a cat](cat.png)", "a cat"),
    ("Run `make test` now.", "Run make test now."),
    ("```python\nx = 1\ny = 2\n```", "code omitted."),
    ("```\nls\n```", "ls"),
    ("<b>bold</b> words", "bold words"),
    ("~~old~~ new", "old new"),
    ("| a | b |", "a, b"),
    ("---", ""),
    ("Visit https://example.com/docs?x=1.", "Visit example dot com slash docs."),
    ("Visit www.example.org today", "Visit example dot org today"),
    ("Mail me@example.org.", "Mail me at example dot org."),
    ("See github.com/a-b.", "See github dot com slash a dash b."),
    ("Great 😀", "Great"),
    ("👍", "thumbs up"),
    ("Home → work", "Home to work"),
    ("3", "three"),
    ("42 cats", "forty-two cats"),
    ("1,234", "one thousand two hundred thirty-four"),
    ("3.14", "three point one four"),
    ("-5 degrees", "minus five degrees"),
    ("007", "zero zero seven"),
    ("1000000", "one million"),
    ("12345678901234567890", " ".join("one two three four five six seven eight nine zero".split() * 2)),
    ("1st", "first"),
    ("22nd", "twenty-second"),
    ("1/2 cup", "one half cup"),
    ("3/4 cup", "three quarters cup"),
    ("½ cup", "one half cup"),
    ("3-5 days", "three to five days"),
    ("10–20 people", "ten to twenty people"),
    ("50%", "fifty percent"),
    ("in 1999", "in nineteen ninety-nine"),
    ("in 2026", "in twenty twenty-six"),
    ("in 2005", "in two thousand five"),
    ("in 1905", "in nineteen oh five"),
    ("the 1990s", "the nineteen nineties"),
    ("call 555-1234", "call five five five one two three four"),
    ("version 1.2.3", "version one point two point three"),
    ("2026-11-21", "November twenty-first, twenty twenty-six"),
    ("11/21/2026", "November twenty-first, twenty twenty-six"),
    ("Nov 21", "November twenty-first"),
    ("21 March 1999", "March twenty-first, nineteen ninety-nine"),
    ("2026-99-99", None),
    ("at 10:30", "at ten thirty"),
    ("at 10:30 am", "at ten thirty A M"),
    ("at 14:05", "at fourteen oh five"),
    ("at 7 p.m. sharp", "at seven P M sharp"),
    ("at 12:00", "at twelve o clock"),
    ("$5", "five dollars"),
    ("$1", "one dollar"),
    ("$5.50", "five dollars and fifty cents"),
    ("£1.01", "one pound and one penny"),
    ("€1.2 million", "one point two million euros"),
    ("$20K", "twenty thousand dollars"),
    ("20 USD", "twenty dollars"),
    ("5 km", "five kilometers"),
    ("1 km", "one kilometer"),
    ("3.5 GB", "three point five gigabytes"),
    ("70 mph", "seventy miles per hour"),
    ("1 mph", "one mile per hour"),
    ("20 °C", "twenty degrees Celsius"),
    ("20°", "twenty degrees"),
    ("5'11\"", "five feet eleven"),
    ("3x faster", "three times faster"),
    ("2 m²", "two square meters"),
    ("250 ms", "two hundred fifty milliseconds"),
    ("Dr. Smith", "Doctor Smith"),
    ("Mr. and Mrs. Jones", "Mister and Missus Jones"),
    ("cats, e.g. lions", "cats, for example lions"),
    ("apples etc.", "apples et cetera."),
    ("us vs. them", "us versus them"),
    ("St. Peter", "Saint Peter"),
    ("Main St. is long", "Main Street is long"),
    ("No. 5", "number five"),
    ("#1", "number one"),
    ("Henry VIII", "Henry the eighth"),
    ("Chapter IV", "Chapter four"),
    ("R&D", "R and D"),
    ("this & that", "this and that"),
    ("2 + 2 = 4", "two plus two equals four"),
    ("3 × 4", "three times four"),
    ("a -> b", "a to b"),
    ("x <= 3", "x is at most three"),
    ("snake_case", "snake case"),
    ("wait - what", "wait, what"),
    ("a\x00b\u200bc", "abc"),
    ("plain words stay as they are.", "plain words stay as they are."),
]


@pytest.mark.parametrize(("written", "said"), [case for case in CASES if case[1] is not None])
def test_written_forms_are_spoken_as_a_person_would(written: str, said: str) -> None:
    assert speech_text(written) == said


def test_a_date_that_is_none_is_read_as_numbers() -> None:
    assert "November" not in speech_text("2026-99-99")


def test_other_languages_keep_their_figures_for_the_synthesizer() -> None:
    assert speech_text("**3** Katzen", "de") == "3 Katzen"


@given(st.text())
def test_any_text_can_be_spoken(text: str) -> None:
    said = speech_text(text)
    assert "\n" not in said
    said.encode("utf-8")


@given(st.lists(st.sampled_from("the cat sat on a mat and then left".split()), max_size=20))
def test_plain_words_do_not_change(words: list[str]) -> None:
    text = " ".join(words)
    assert speech_text(text) == text


@pytest.mark.parametrize(
    "hostile", ["*", "_", "[", "`", "<", "1,", "a.", "(", "|", "1 ", "- ", "$1", "#", " ", "- -"]
)
def test_time_grows_with_the_length_of_a_hostile_text_and_not_with_its_square(hostile: str) -> None:
    def seconds(count: int) -> float:
        started = time.perf_counter()
        speech_text(hostile * count)
        return time.perf_counter() - started

    seconds(1_000)
    short = min(seconds(4_000) for _ in range(3))
    long = min(seconds(32_000) for _ in range(2))
    # Eight times the length: about 8 when linear, 64 when quadratic.
    assert long < 28 * short + 0.05
