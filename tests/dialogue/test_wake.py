"""The wake phrase: what it sounds like, and a dialogue that sleeps, in simulated time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knik.audio.speech_events import (
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    SpeechSuspected,
    UtteranceEnded,
)
from knik.dialogue import actions as act
from knik.dialogue.events import (
    Announced,
    Event,
    PlaybackFinished,
    PlaybackStarted,
    TimePassed,
    Transcribed,
    Typed,
)
from knik.dialogue.turns import State, TurnConfig
from knik.dialogue.wake import WakeConfig, addressed
from tests.dialogue.test_turns import SECOND, Talk, any_event, turns

PHRASE = "hey knik"
WAKE = WakeConfig(PHRASE, sleep_after=10 * SECOND)


@pytest.mark.parametrize(
    "call", ["hey knik", "Hey, Nick!", "hey neck", "Hi Nick,", "hay nik", "Hey Knick", "hey Nicky", "he nick"]
)
def test_the_phrase_is_heard_however_it_is_spelled_and_what_follows_is_the_question(call: str) -> None:
    assert addressed(f"{call} What's the time?", PHRASE, anywhere=False) == "What's the time?"
    assert addressed(call, PHRASE, anywhere=True) == PHRASE
    assert addressed(f"so I said, {call} -- stop", PHRASE, anywhere=True) == "stop"
    assert addressed(f"{call} {call} stop", PHRASE, anywhere=False) == "stop"


@pytest.mark.parametrize(
    "other",
    ["", "hey", "Nick", "the neck", "hey Rick", "honk if you like it", "enoch", "they need it", "hey mick"],
)
def test_other_words_are_not_the_phrase(other: str) -> None:
    assert addressed(other, PHRASE, anywhere=True) is None


def test_phrases_of_one_word_and_of_three_are_heard_too() -> None:
    assert addressed("Computer, lights off.", "computer", anywhere=True) == "lights off."
    assert addressed("the commuter train", "computer", anywhere=True) is None
    assert addressed("okay mister smyth", "okay Mister Smith", anywhere=True) == "okay Mister Smith"
    assert addressed("Um, hey Knik.", PHRASE, anywhere=False) is None


@given(st.text(max_size=60), st.booleans())
def test_any_text_can_be_searched_for_the_phrase(text: str, anywhere: bool) -> None:
    said = addressed(text, PHRASE, anywhere=anywhere)
    assert said is None or said == PHRASE or text.endswith(said)


def asleep(**config: object) -> Talk:
    return Talk(TurnConfig(wake=WAKE, **config), State(asleep=True))  # type: ignore[arg-type]


def said(talk: Talk, text: str, at: int) -> list[act.Action]:
    """An utterance of one second from `at` on, up to its certain end; returns what it led to."""
    turn = talk.state.next_turn
    return talk.feed(
        SpeechStarted(at + 800, at),
        SpeechPaused(at + 18_000, at + SECOND),
        Transcribed(turn, text),
        UtteranceEnded(at + 20_000, at, at + SECOND),
    )


def answered(talk: Talk, at: int) -> None:
    answer = talk.state.answer
    assert answer is not None
    talk.feed(PlaybackStarted(answer.turn, at), PlaybackFinished(answer.turn, at + SECOND))


def test_asleep_what_is_not_for_knik_is_neither_answered_nor_remembered() -> None:
    talk = asleep()
    assert said(talk, "what time is it", SECOND) == [
        act.Transcribe(1, SECOND, SECOND + 18_000),
        act.Finish(1, "empty", "nothing was said"),
    ]
    assert talk.state.phase == "asleep"


def test_the_words_after_the_phrase_are_answered_and_worked_on_before_the_end_is_certain() -> None:
    talk = asleep()
    talk.feed(SpeechStarted(800, 0), SpeechPaused(32_000, 30_000))
    assert talk.state.phase == "asleep"
    assert talk.feed(Transcribed(1, "Hey Nick, what time is it?")) == [act.Reply(1, "what time is it?")]
    assert (talk.state.asleep, talk.state.phase) == (True, "hearing")
    assert talk.feed(UtteranceEnded(36_000, 0, 30_000)) == [
        act.Commit(1, "what time is it?", 36_000, 30_000),
        act.Release(1),
    ]
    assert not talk.state.asleep


def test_the_phrase_alone_is_answered_with_a_greeting_and_then_every_question_is() -> None:
    talk = asleep()
    assert said(talk, "hey nick", SECOND)[1:] == [
        act.Say(1, "Yes?"),
        act.Commit(1, PHRASE, SECOND + 20_000, 2 * SECOND),
        act.Release(1),
    ]
    answered(talk, 3 * SECOND)
    assert act.Reply(2, "what time is it") in said(talk, "what time is it", 5 * SECOND)


def test_a_transcription_that_is_late_wakes_all_the_same() -> None:
    talk = asleep(speculate=False)
    talk.feed(SpeechStarted(800, 0), UtteranceEnded(36_000, 0, 30_000))
    assert talk.state.phase == "asleep"
    assert talk.feed(Transcribed(1, "hey knik stop")) == [
        act.Commit(1, "stop", 36_000, 30_000),
        act.Reply(1, "stop"),
        act.Release(1),
    ]


def test_a_pause_after_the_phrase_does_not_part_it_from_the_question() -> None:
    talk = asleep()
    talk.feed(
        SpeechStarted(800, 0), SpeechPaused(16_000, 15_000), Transcribed(1, "hey nick"), SpeechResumed(20_000)
    )
    assert talk.state.phase == "asleep"
    talk.feed(SpeechPaused(48_000, 46_000))
    assert talk.feed(Transcribed(2, "hey nick what time is it")) == [act.Reply(2, "what time is it")]
    # Even where the phrase had ended the utterance, as long as nothing of the greeting was heard.
    talk = asleep()
    said(talk, "hey nick", 0)
    assert not talk.state.asleep
    talk.feed(SpeechStarted(26_000, 25_000))
    assert talk.state.asleep
    talk.feed(SpeechPaused(48_000, 46_000))
    assert talk.feed(Transcribed(2, "hey nick what time is it")) == [act.Reply(2, "what time is it")]


def test_the_phrase_may_be_said_to_one_who_is_awake() -> None:
    talk = Talk(TurnConfig(wake=WAKE))
    assert act.Reply(1, "What time is it?") in said(talk, "Hey Nick. What time is it?", SECOND)
    talk.feed(PlaybackStarted(1, 3 * SECOND))
    # Over the assistant, the phrase alone asks for the floor.
    talk.feed(SpeechStarted(4 * SECOND, 4 * SECOND), SpeechPaused(5 * SECOND, 5 * SECOND))
    assert talk.feed(Transcribed(2, "hey neck")) == [
        act.Finish(1, "interrupted", "the user spoke"),
        act.Say(2, "Yes?"),
    ]


def test_it_falls_asleep_when_nobody_has_talked_for_a_while_and_not_while_somebody_does() -> None:
    talk = Talk(TurnConfig(wake=WAKE))
    said(talk, "tell me a story", SECOND)
    talk.feed(PlaybackStarted(1, 4 * SECOND), TimePassed(30 * SECOND))
    talk.feed(PlaybackFinished(1, 30 * SECOND), TimePassed(40 * SECOND - 1))
    assert not talk.state.asleep
    talk.feed(SpeechStarted(40 * SECOND - 1, 39 * SECOND), TimePassed(40 * SECOND))
    assert not talk.state.asleep
    talk.feed(SpeechPaused(41 * SECOND, 41 * SECOND), Transcribed(2, ""), UtteranceEnded(42 * SECOND, 0, 0))
    talk.feed(TimePassed(42 * SECOND))
    assert talk.state.asleep


@pytest.mark.parametrize("words", ["go to sleep", "Go back to sleep, please.", "Hey Nick, go to sleep!"])
def test_sent_to_sleep_it_says_so_and_sleeps_at_once(words: str) -> None:
    talk = Talk(TurnConfig(wake=WAKE))
    assert act.Say(1, "Okay.") in said(talk, words, SECOND)
    assert not any(isinstance(action, act.Reply) for action in talk.actions)
    talk.feed(PlaybackStarted(1, 3 * SECOND))
    assert talk.state.asleep
    talk.feed(PlaybackFinished(1, 4 * SECOND))
    assert talk.state.phase == "asleep"


def test_asleep_an_announcement_is_spoken_to_its_end_whatever_others_say() -> None:
    talk = asleep()
    assert talk.feed(Announced(SECOND, "Tea is ready.")) == [act.Say(1, "Tea is ready."), act.Release(1)]
    talk.feed(PlaybackStarted(1, SECOND))
    assert talk.state.phase == "speaking"
    over = (SpeechSuspected(20_000), SpeechStarted(21_000, 20_000), SpeechPaused(30_000, 29_000))
    assert talk.feed(*over, UtteranceEnded(36_000, 20_000, 29_000)) == []
    assert talk.feed(PlaybackFinished(1, 3 * SECOND)) == [act.Finish(1, "answered")]
    assert talk.state.phase == "asleep"


def test_a_typed_line_wakes_it() -> None:
    talk = asleep()
    assert act.Reply(1, "hello") in talk.feed(Typed(SECOND, "hello"))
    assert not talk.state.asleep


any_words = st.sampled_from(["", "hello", "stop", "hey nick", "hey neck what time is it", "go to sleep"])
sleepy_event = st.one_of(any_event, st.builds(Transcribed, turns, any_words))


@settings(max_examples=500)
@given(st.sampled_from(["duck", "stop", "off"]), st.booleans(), st.lists(sleepy_event, max_size=60))
def test_whatever_happens_nothing_is_answered_in_its_sleep_and_nobody_interrupts(
    barge_in: str, speculate: bool, events: list[Event]
) -> None:
    talk = asleep(barge_in=barge_in, speculate=speculate)
    for event in events:
        slept = talk.state.asleep
        actions = talk.feed(event)
        if not slept:
            continue
        assert not any(isinstance(action, act.Duck | act.Hold | act.Resume) for action in actions)
        for action in actions:
            if isinstance(action, act.Reply):
                called = isinstance(event, Transcribed) and addressed(event.text, PHRASE, anywhere=True)
                assert called or isinstance(event, Typed | UtteranceEnded)
            if isinstance(action, act.Commit):
                assert not talk.state.asleep
            if isinstance(action, act.Finish) and action.outcome == "interrupted":
                assert "typed" in action.reason or "silence" in action.reason
