from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.engines.openai.sse import MAX_EVENT_BYTES, SseParser

STREAM = (
    ": keep-alive\r\n\r\n"
    'data: {"a": "grüße 🦊"}\n\n'
    "event: message\rdata:no space\r\r"
    "data: two\ndata: lines\n\n"
    "id: 7\nretry: 100\n\n"
    "data: [DONE]\n"
).encode()
EVENTS = ['{"a": "grüße 🦊"}', "no space", "two\nlines", "[DONE]"]


def parse(parts: list[bytes]) -> list[str]:
    parser = SseParser()
    events = [event for part in parts for event in parser.feed(part)]
    return events + parser.end()


@given(st.sets(st.integers(0, len(STREAM))))
def test_events_do_not_depend_on_how_the_bytes_arrive(places: set[int]) -> None:
    edges = [0, *sorted(places), len(STREAM)]
    assert parse([STREAM[a:b] for a, b in pairwise(edges)]) == EVENTS


@given(st.lists(st.binary(max_size=50)))
def test_garbage_is_no_reason_to_raise(parts: list[bytes]) -> None:
    parse(parts)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))))
def test_every_line_of_data_comes_back(lines: list[str]) -> None:
    stream = "".join(f"data: {line}\n\n" for line in lines).encode()
    assert parse([stream]) == lines


def test_an_endless_line_is_refused() -> None:
    parser = SseParser()
    parser.feed(b"x" * MAX_EVENT_BYTES)
    with pytest.raises(ValueError, match="too long"):
        parser.feed(b"x")
