"""Simple requests and their answers, and what must be left to the chat model."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.reflex import (
    Answer,
    CancelTimers,
    ChangeSpeed,
    EndSession,
    ReflexContext,
    SetTimer,
    StopSpeaking,
    respond,
)
from knik.dialogue.reflex.figures import parse_number, say_number
from knik.dialogue.reflex.timers import parse_duration, say_duration

CONTEXT = ReflexContext(datetime(2026, 11, 21, 9, 5), "The moon is far away.", 1.0)

SAID = [
    ("What time is it?", "It is 9:05 AM."),
    ("what time is it now", "It is 9:05 AM."),
    ("Could you tell me the time, please?", "It is 9:05 AM."),
    ("Hey knik, what's the time?", "It is 9:05 AM."),
    ("Do you know what time it is?", "It is 9:05 AM."),
    ("What's the date today?", "Today is Saturday, November 21, 2026."),
    ("What day is it?", "Today is Saturday, November 21, 2026."),
    ("what is today's date", "Today is Saturday, November 21, 2026."),
    ("What day is it tomorrow?", "Tomorrow is Sunday, November 22, 2026."),
    ("What year is it?", "It is 2026."),
    ("What is seven times eight?", "That is 56."),
    ("what's 12 plus 30", "That is 42."),
    ("how much is 100 divided by 8", "That is 12.5."),
    ("What is 2 + 2 * 3?", "That is 8."),
    ("what is two hundred minus fifty five", "That is 145."),
    ("What is 0.1 + 0.2?", "That is 0.3."),
    ("calculate 3 to the power of 4", "That is 81."),
    ("what is five squared", "That is 25."),
    ("What is the square root of 144?", "That is 12."),
    ("What is twenty percent of 80?", "That is 16."),
    ("what is 1 divided by 3", "That is 0.3333."),
    ("what is ten divided by zero", "Nothing can be divided by zero."),
    ("what is 9 to the power of 9 to the power of 9", "That number is too large for me."),
    ("what is a million times a million", "That is 1,000,000,000,000."),
    ("How many feet are in a mile?", "1 mile is 5,280 feet."),
    ("how many minutes are in a day", "1 day is 1,440 minutes."),
    ("convert 5 miles to kilometers", "5 miles are 8.05 kilometers."),
    ("What is 20 degrees Celsius in Fahrenheit?", "20 degrees Celsius are 68 degrees Fahrenheit."),
    ("what is 100 fahrenheit in celsius", "100 degrees Fahrenheit are 37.78 degrees Celsius."),
    ("3 kilograms in pounds", "3 kilograms are 6.61 pounds."),
    ("Repeat that.", "The moon is far away."),
    ("Say that again, please.", "The moon is far away."),
    ("Thank you.", "You are welcome."),
    ("Hello!", "Hello. What can I do for you?"),
]


@pytest.mark.parametrize(("utterance", "reply"), SAID)
def test_simple_requests_are_answered(utterance: str, reply: str) -> None:
    answer = respond(utterance, CONTEXT)
    assert answer is not None
    assert answer.text == reply


DONE = [
    ("Stop.", StopSpeaking()),
    ("No, stop!", StopSpeaking()),
    ("Wait.", StopSpeaking()),
    ("be quiet", StopSpeaking()),
    ("Never mind.", StopSpeaking()),
    ("stop talking", StopSpeaking()),
    ("slower", ChangeSpeed(0.8)),
    ("Please speak a bit faster.", ChangeSpeed(1.25)),
    ("normal speed", ChangeSpeed(1.0)),
    ("Goodbye.", EndSession()),
    ("bye bye", EndSession()),
    ("Good night.", EndSession()),
    ("Cancel the timer.", CancelTimers()),
    ("cancel all my timers", CancelTimers()),
]


@pytest.mark.parametrize(("utterance", "effect"), DONE)
def test_commands_have_their_effect(utterance: str, effect: object) -> None:
    answer = respond(utterance, CONTEXT)
    assert answer is not None
    assert answer.effects == (effect,)


TIMERS = [
    ("Set a timer for five minutes.", 300),
    ("set a ten second timer", 10),
    ("timer for 90 seconds", 90),
    ("Set a timer for half an hour", 1800),
    ("set a timer for one and a half hours", 5400),
    ("set a timer for an hour and 20 minutes", 4800),
    ("set a timer for 2 hours 30 minutes", 9000),
    ("remind me in twenty five minutes", 1500),
    ("could you start a timer for 1 minute please", 60),
]


@pytest.mark.parametrize(("utterance", "seconds"), TIMERS)
def test_timers_are_set(utterance: str, seconds: float) -> None:
    answer = respond(utterance, CONTEXT)
    assert answer is not None
    (effect,) = answer.effects
    assert isinstance(effect, SetTimer)
    assert effect.seconds == seconds
    assert say_duration(seconds) in effect.label


NOT_REFLEXES = [
    "Tell me about the time I went to Paris.",
    "What is the meaning of life?",
    "What is love?",
    "Stop the war.",
    "Tell me a story.",
    "Tell me more about times tables.",
    "How much is five dollars in euros?",
    "What is the date of the battle of Hastings?",
    "Why is time money?",
    "Set a timer.",
    "Set a timer for the eggs.",
    "Who said goodbye to love?",
    "How many people are in Rome?",
    "Convert me to your religion.",
    "What is two?",
    "Is 7 times 8 more than 50?",
    "I need help with my homework.",
    "Can you drive faster than a train?",
    "What day is it in the story?",
    "Hello darkness my old friend.",
    "Wait until tomorrow with that.",
    "Seven of clubs.",
    "",
    "   ",
    "?!",
    "x" * 10_000,
]


@pytest.mark.parametrize("utterance", NOT_REFLEXES)
def test_everything_else_is_left_to_the_chat_model(utterance: str) -> None:
    assert respond(utterance, CONTEXT) is None


def test_the_voice_gets_no_faster_than_twice_and_says_so() -> None:
    answer = respond("faster", ReflexContext(CONTEXT.now, "", 2.0))
    assert answer == Answer("I cannot speak any faster.")


def test_without_a_reply_there_is_nothing_to_repeat() -> None:
    answer = respond("repeat that", ReflexContext(CONTEXT.now, "", 1.0))
    assert answer is not None
    assert answer.text == "I have not said anything yet."


@given(st.text(max_size=150))
def test_no_text_is_too_strange(text: str) -> None:
    respond(text, CONTEXT)


words = st.sampled_from(
    "what is two three 5 0 plus minus times divided by to the power of percent point and ^ / * - ( )".split()
)


@given(st.lists(words, max_size=14))
def test_no_calculation_is_too_strange_or_too_large(parts: list[str]) -> None:
    respond(" ".join(parts), CONTEXT)


@given(st.integers(0, 999_999_999))
def test_numbers_in_words_are_understood(number: int) -> None:
    from num2words import num2words

    assert parse_number(num2words(number).replace(",", "")) == number
    assert parse_number(str(number)) == number


@given(st.integers(1, 86_400))
def test_durations_survive_being_said(seconds: int) -> None:
    assert parse_duration(say_duration(seconds).replace(",", " and")) == seconds


@pytest.mark.parametrize(
    ("value", "said"), [(0.30000000000000004, "0.3"), (1e6, "1,000,000"), (1 / 3, "0.3333"), (1e-5, "1e-05")]
)
def test_numbers_are_said_without_noise(value: float, said: str) -> None:
    assert say_number(value) == said
