from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.engines.reply_filter import ReplyFilter


def run(pieces: list[str], stop: tuple[str, ...] = (), *, thinking: bool = False) -> str:
    reply = ReplyFilter(stop, thinking=thinking)
    return "".join([reply.feed(piece) for piece in pieces] + [reply.flush()])


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    places = sorted(draw(st.sets(st.integers(0, len(text)))))
    edges = [0, *places, len(text)]
    return [text[a:b] for a, b in pairwise(edges)]


@given(cut("<think>What is it, < or >?</think>\n\nIt is <b>five</b>.STOPnever heard"))
def test_thoughts_and_stop_strings_are_cut_however_the_text_arrives(pieces: list[str]) -> None:
    assert run(pieces, ("STOP",)) == "It is <b>five</b>."


@given(cut("deep thought</think> The answer."))
def test_a_thought_that_the_prompt_opened_ends_with_its_tag(pieces: list[str]) -> None:
    assert run(pieces, thinking=True) == "The answer."


@pytest.mark.parametrize("text", ["a < b", "2 <thin ice", "x <", "<think", "</thin"])
def test_text_that_only_looks_like_a_tag_is_kept(text: str) -> None:
    assert run(list(text)) == text


def test_an_unfinished_thought_is_never_heard() -> None:
    assert run(["<think>so far", " no end"]) == ""


def test_what_is_sure_comes_out_at_once() -> None:
    reply = ReplyFilter()
    assert reply.feed("Hello") == "Hello"
    assert reply.feed(" <") == " "
    assert reply.feed("3") == "<3"


def test_after_a_stop_string_nothing_comes() -> None:
    reply = ReplyFilter(("\nUser:",))
    assert reply.feed("Hi.\nUser: and") == "Hi."
    assert reply.stopped
    assert reply.feed("more") == ""
    assert reply.flush() == ""


@given(st.text(alphabet="<>/think ab", max_size=60))
def test_no_input_loses_plain_text(text: str) -> None:
    if "<think>" not in text and "</think>" not in text:
        assert run(list(text)) == text.lstrip()
