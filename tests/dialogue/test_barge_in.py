"""Speech over the assistant, in simulated time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knik.audio.speech_events import (
    SpeechDismissed,
    SpeechPaused,
    SpeechRejected,
    SpeechResumed,
    SpeechStarted,
    SpeechSuspected,
    UtteranceEnded,
)
from knik.dialogue import actions as act
from knik.dialogue import floor
from knik.dialogue.events import Announced, Failed, PlaybackFinished, Transcribed, Typed
from knik.dialogue.turns import TurnConfig
from tests.dialogue.test_turns import SECOND, Talk, any_event, until_speaking

AT = 5 * SECOND
START = AT - 4_800
INTERRUPTED = act.Finish(1, "interrupted", "the user spoke")


def contested(config: TurnConfig | None = None) -> Talk:
    """A dialogue in which the user has just begun to speak over the assistant."""
    talk = Talk(config or TurnConfig())
    until_speaking(talk)
    talk.feed(SpeechSuspected(AT - 800), SpeechStarted(AT, START))
    return talk


def paused(talk: Talk) -> Talk:
    talk.feed(SpeechPaused(AT + SECOND, AT + 14_000))
    return talk


ENDED = UtteranceEnded(AT + SECOND + 2_400, START, AT + 14_000)


def test_the_voice_ducks_at_the_first_sign_and_rises_again_when_it_was_nothing() -> None:
    talk = Talk()
    turn = until_speaking(talk)
    assert talk.feed(SpeechSuspected(AT)) == [act.Duck(turn)]
    assert talk.feed(SpeechSuspected(AT + 10)) == []
    assert talk.feed(SpeechDismissed(AT + 3_000)) == [act.Resume(turn)]
    assert talk.state.phase == "speaking"


def test_nothing_ducks_while_the_assistant_is_silent() -> None:
    talk = Talk()
    assert talk.feed(SpeechSuspected(AT), SpeechDismissed(AT + 1)) == []
    talk.feed(Typed(AT, "hello"))
    assert talk.feed(SpeechSuspected(AT)) == []


def test_the_voice_falls_silent_once_it_surely_is_speech_and_waits_for_the_words() -> None:
    talk = Talk()
    turn = until_speaking(talk)
    assert talk.feed(SpeechSuspected(AT - 800), SpeechStarted(AT, START)) == [act.Duck(turn), act.Hold(turn)]
    assert talk.state.phase == "hearing"
    assert talk.feed(SpeechPaused(AT + SECOND, AT)) == [act.Transcribe(2, START, AT + SECOND)]


def test_words_end_the_held_turn_and_are_answered() -> None:
    talk = paused(contested())
    assert talk.feed(Transcribed(2, "what time is it")) == [INTERRUPTED, act.Reply(2, "what time is it")]
    assert talk.feed(ENDED) == [
        act.Commit(2, "what time is it", ENDED.at, ENDED.speech_end),
        act.Release(2),
    ]


def test_a_backchannel_gives_the_floor_back() -> None:
    talk = paused(contested())
    assert talk.feed(Transcribed(2, "mm-hm")) == []
    assert talk.feed(ENDED) == [act.Finish(2, "empty", "a backchannel"), act.Resume(1)]
    assert talk.state.phase == "speaking"
    assert talk.feed(SpeechSuspected(ENDED.at + SECOND)) == [act.Duck(1)]


def test_a_cough_gives_the_floor_back_whether_or_not_it_was_long_enough_to_transcribe() -> None:
    assert contested().feed(SpeechRejected(AT + SECOND)) == [act.Resume(1)]
    talk = paused(contested())
    assert talk.feed(Transcribed(2, "")) == []
    assert talk.feed(SpeechRejected(AT + SECOND)) == [
        act.Finish(2, "empty", "nothing was said"),
        act.Resume(1),
    ]


def test_stop_takes_the_floor_however_many_words_are_asked_for() -> None:
    talk = paused(contested(TurnConfig(min_words=4)))
    assert talk.feed(Transcribed(2, "Okay, stop.")) == [INTERRUPTED, act.Reply(2, "Okay, stop.")]


def test_a_backchannel_that_goes_on_becomes_an_interruption() -> None:
    talk = paused(contested())
    talk.feed(Transcribed(2, "right"))
    (dropped,) = talk.feed(SpeechResumed(AT + SECOND + 800))
    assert dropped == act.Finish(2, "resumed", "the user went on talking")
    talk.feed(SpeechPaused(AT + 2 * SECOND, AT + 2 * SECOND))
    words = "right but what about Mars"
    assert talk.feed(Transcribed(3, words)) == [INTERRUPTED, act.Reply(3, words)]


def test_words_that_come_after_the_end_decide_all_the_same() -> None:
    for text, meant in (("mm-hm", False), ("", False), ("why", True)):
        talk = paused(contested())
        assert talk.feed(ENDED) == []
        decided = talk.feed(Transcribed(2, text))
        assert (decided[0] == INTERRUPTED) == meant
        assert (act.Release(2) in decided) == meant
        assert (act.Resume(1) in decided) == (not meant)


def test_an_utterance_without_a_pause_is_transcribed_at_its_end() -> None:
    talk = contested()
    assert talk.feed(ENDED) == [act.Transcribe(2, START, ENDED.at)]
    assert talk.feed(Transcribed(2, "stop"))[:2] == [INTERRUPTED, act.Reply(2, "stop")]
    assert talk.state.phase == "thinking"


def test_who_speaks_again_while_the_words_are_awaited_goes_on() -> None:
    talk = paused(contested())
    talk.feed(ENDED)
    assert talk.feed(SpeechStarted(AT + 2 * SECOND, AT + 2 * SECOND - 4_800)) == [
        act.Finish(2, "resumed", "the user went on talking")
    ]
    again = SpeechPaused(AT + 3 * SECOND, AT + 3 * SECOND)
    assert talk.feed(again) == [act.Transcribe(3, START, AT + 3 * SECOND)]


def test_an_answer_that_ends_while_it_is_contested_leaves_an_ordinary_utterance() -> None:
    talk = paused(contested())
    talk.feed(Transcribed(2, "okay"))
    assert talk.feed(PlaybackFinished(1, AT + SECOND)) == [act.Finish(1, "answered")]
    assert talk.feed(ENDED) == [
        act.Commit(2, "okay", ENDED.at, ENDED.speech_end),
        act.Reply(2, "okay"),
        act.Release(2),
    ]


def test_an_answer_that_ends_while_words_are_awaited_leaves_an_ordinary_turn() -> None:
    talk = paused(contested())
    talk.feed(ENDED, PlaybackFinished(1, AT + SECOND))
    assert talk.state.phase == "thinking"
    assert act.Reply(2, "okay") in talk.feed(Transcribed(2, "okay"))


def test_an_interruption_that_cannot_be_transcribed_takes_the_floor() -> None:
    talk = paused(contested())
    talk.feed(ENDED)
    failed = act.Finish(2, "failed", "out of memory")
    assert talk.feed(Failed(2, "transcription", "out of memory")) == [failed, INTERRUPTED]
    assert talk.state.phase == "listening"


def test_announcements_wait_until_the_contest_is_over() -> None:
    talk = paused(contested())
    assert talk.feed(Announced(AT, "Tea is ready.")) == []
    talk.feed(Transcribed(2, "mm-hm"), ENDED)
    assert act.Say(3, "Tea is ready.") in talk.feed(PlaybackFinished(1, 9 * SECOND))


def test_typing_ends_the_contest_at_once() -> None:
    finished = paused(contested()).feed(Typed(AT, "hello"))[:2]
    assert [(a.turn, a.outcome) for a in finished] == [(2, "interrupted"), (1, "interrupted")]


def test_with_barge_in_off_an_utterance_that_outlasts_the_answer_is_heard_whole() -> None:
    talk = Talk(TurnConfig(barge_in="off"))
    until_speaking(talk)
    assert talk.feed(SpeechSuspected(AT), SpeechStarted(AT, START), SpeechPaused(AT + 1, AT)) == []
    assert talk.state.phase == "speaking"
    talk.feed(SpeechResumed(AT + 2), PlaybackFinished(1, AT + 9))
    assert talk.feed(SpeechPaused(AT + SECOND, AT)) == [act.Transcribe(2, START, AT + SECOND)]
    talk.feed(Transcribed(2, "what time is it"))
    assert act.Release(2) in talk.feed(ENDED)


def test_a_cough_while_the_assistant_thinks_does_not_lose_the_question() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), SpeechPaused(32_000, 28_000), Transcribed(1, "what time is it"))
    talk.feed(UtteranceEnded(40_000, 200, 28_000), SpeechStarted(44_000, 40_000))
    assert talk.feed(SpeechRejected(48_000)) == [act.Transcribe(2, 200, 48_000)]
    assert act.Commit(2, "what time is it", 48_000, 28_000) in talk.feed(Transcribed(2, "what time is it"))


def test_only_what_takes_nobodys_floor_ends_after_the_grace_time() -> None:
    config = TurnConfig()
    talk = paused(contested(config))
    assert floor.bears(config, talk.state, "mm-hm")
    assert floor.bears(config, talk.state, "")
    assert not floor.bears(config, talk.state, "what about Mars")
    assert not floor.bears(config, Talk().state, "mm-hm")


@settings(max_examples=500)
@given(st.sampled_from(["duck", "stop", "off"]), st.lists(any_event, max_size=60))
def test_a_voice_that_was_ducked_or_held_is_raised_or_ended(mode: str, events: list[object]) -> None:
    talk = Talk(TurnConfig(barge_in=mode))
    voices: dict[int, str] = {}
    for event in events:
        for action in talk.feed(event):
            match action:
                case act.Duck():
                    assert voices.get(action.turn, "free") == "free"
                    voices[action.turn] = "ducked"
                case act.Hold():
                    assert voices.get(action.turn, "free") != "held"
                    voices[action.turn] = "held"
                case act.Resume():
                    assert voices.pop(action.turn) != "free"
                case act.Finish():
                    voices.pop(action.turn, None)
        answer = talk.state.answer
        assert set(voices) <= ({answer.turn} if answer else set())
        if answer is not None:
            assert voices.get(answer.turn, "free") == answer.voice
            if answer.voice == "held":
                assert talk.state.draft is not None, "a held voice waits for an utterance"
        if mode != "duck":
            assert not voices


def test_of_what_is_hardly_a_voice_only_commands_take_the_floor() -> None:
    brief = SpeechPaused(AT + SECOND, AT + 14_000, brief=True)
    cough = contested()
    cough.feed(brief)
    assert cough.feed(Transcribed(2, "count to ten")) == []
    assert cough.feed(SpeechRejected(AT + SECOND)) == [
        act.Finish(2, "empty", "a backchannel"),
        act.Resume(1),
    ]
    command = contested()
    command.feed(brief)
    assert command.feed(Transcribed(2, "No.")) == [INTERRUPTED, act.Reply(2, "No.")]
    at = AT + SECOND
    assert command.feed(SpeechRejected(at)) == [act.Commit(2, "No.", at, at), act.Release(2)]
