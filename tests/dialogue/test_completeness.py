"""Which utterances sound finished."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.completeness import completeness

FINISHED = """
What time is it?
what time is it
What is the capital of France?
who are you?
Where is it from?
How far is the moon?
Can you tell me a joke?
Tell me a joke.
Set a timer for five minutes.
stop
Thank you.
Yes.
no
Turn off the light.
okay play some music
Never mind.
Is it going to rain tomorrow?
I don't know.
Repeat that.
"""

OPEN = """
I would like to
I'd like
Can you
Could you please
Tell me
Set a timer for
What is the
What is the capital of
I want to, um
so, uh
Remind me to call my
The weather is nice but
Because
Turn on the
My number is five five
five five one two
Well,
I was thinking...
how about
Play something by
"""

THINKING = """
Let me think.
Hmm, let me see.
Hold on.
Wait a second
Give me a moment
"""

UNCLEAR = """

ten of clubs
It rains here all day long
The blue one
I went home yesterday
"""


def lines(block: str) -> list[str]:
    return block.strip("\n").split("\n")


@pytest.mark.parametrize("text", lines(FINISHED))
def test_whole_questions_commands_and_answers_are_finished(text: str) -> None:
    assert completeness(text) == "finished"


@pytest.mark.parametrize("text", [line for line in lines(OPEN) if "My number" not in line])
def test_words_that_want_to_go_on_are_open(text: str) -> None:
    assert completeness(text) == "open"


@pytest.mark.parametrize("text", lines(THINKING))
def test_who_asks_for_time_gets_it(text: str) -> None:
    assert completeness(text) == "thinking"


@pytest.mark.parametrize("text", lines(UNCLEAR))
def test_the_rest_is_unclear(text: str) -> None:
    assert completeness(text) == "unclear"


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert completeness(text) in ("finished", "unclear", "open", "thinking")
