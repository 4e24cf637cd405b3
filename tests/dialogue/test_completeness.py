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
Set a five minute timer please
What do you know?
what is it like
Tell me where it is.
Don't do that.
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
my number is five five five
Call five five five one.
five five one two
Well,
I was thinking...
how about
Play something by
What is the fastest way from
How many hours will it
how many ounces
Do you want
I need a new
I was looking for, you know
Add milk, eggs, flour.
"""

THINKING = """
Let me think.
Hmm, let me see.
Hold on.
Wait a second
Give me a moment
Hold on a second.
That's a good question.
"""

LIKELY = """
It rains here all day long
I went home yesterday
I need an appointment to get my oil changed
My train was late again.
"""

UNCLEAR = """

ten of clubs
The blue one
my number is oh one six three four nine six
Translate good morning.
Turn the heating on
Add milk, eggs.
"""


def lines(block: str) -> list[str]:
    return block.strip("\n").split("\n")


@pytest.mark.parametrize("text", lines(FINISHED))
def test_whole_questions_commands_and_answers_are_finished(text: str) -> None:
    assert completeness(text) == "finished"


@pytest.mark.parametrize("text", lines(OPEN))
def test_words_that_want_to_go_on_are_open(text: str) -> None:
    assert completeness(text) == "open"


@pytest.mark.parametrize("text", lines(THINKING))
def test_who_asks_for_time_gets_it(text: str) -> None:
    assert completeness(text) == "thinking"


@pytest.mark.parametrize("text", lines(LIKELY))
def test_whole_statements_are_likely_over(text: str) -> None:
    assert completeness(text) == "likely"


@pytest.mark.parametrize("text", lines(UNCLEAR))
def test_the_rest_is_unclear(text: str) -> None:
    assert completeness(text) == "unclear"


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    assert completeness(text) in ("finished", "likely", "unclear", "open", "thinking")
