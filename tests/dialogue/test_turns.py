"""Turn-taking in simulated time: events in, actions out, no thread and no clock."""

from dataclasses import dataclass, field

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
from knik.dialogue.events import (
    Announced,
    Event,
    Failed,
    LastTurn,
    PlaybackFinished,
    PlaybackStarted,
    StopRequested,
    TimePassed,
    Transcribed,
    Typed,
)
from knik.dialogue.turns import State, TurnConfig, step
from knik.dialogue.wake import WakeConfig

SECOND = 16_000


@dataclass
class Talk:
    """A dialogue and everything that it asked for."""

    config: TurnConfig = field(default_factory=TurnConfig)
    state: State = field(default_factory=State)
    actions: list[act.Action] = field(default_factory=list)

    def feed(self, *events: Event) -> list[act.Action]:
        """Take events; returns the actions that they led to."""
        new: list[act.Action] = []
        for event in events:
            self.state, actions = step(self.config, self.state, event)
            new += actions
        self.actions += new
        return new


def until_speaking(talk: Talk) -> int:
    """A first utterance whose answer is being heard; returns its turn."""
    talk.feed(
        SpeechStarted(1000, 200),
        SpeechPaused(2 * SECOND, 28_000),
        Transcribed(1, "what time is it"),
        UtteranceEnded(3 * SECOND, 200, 28_000),
        PlaybackStarted(1, 3 * SECOND + 500),
    )
    assert talk.state.phase == "speaking"
    return 1


def test_work_starts_at_the_first_sign_of_silence_and_its_sound_waits_for_the_end() -> None:
    talk = Talk()
    assert talk.feed(SpeechStarted(1000, 200)) == []
    assert talk.feed(SpeechPaused(32_000, 28_000)) == [act.Transcribe(1, 200, 32_000)]
    assert talk.feed(Transcribed(1, "hello there")) == [act.Reply(1, "hello there")]
    assert talk.feed(UtteranceEnded(40_000, 200, 28_000)) == [
        act.Commit(1, "hello there", 40_000, 28_000),
        act.Release(1),
    ]


def test_a_resumed_utterance_discards_the_speculative_turn_and_keeps_its_beginning() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), SpeechPaused(32_000, 28_000), Transcribed(1, "I would like"))
    discarded = talk.feed(SpeechResumed(36_000))
    assert [type(a) for a in discarded] == [act.Finish]
    assert discarded[0].turn == 1
    assert talk.feed(SpeechPaused(64_000, 60_000)) == [act.Transcribe(2, 200, 64_000)]
    assert talk.feed(Transcribed(1, "I would like")) == []


def test_without_speculation_work_starts_when_the_utterance_has_ended() -> None:
    talk = Talk(TurnConfig(speculate=False))
    assert talk.feed(SpeechStarted(1000, 200), SpeechPaused(32_000, 28_000)) == []
    ended = talk.feed(UtteranceEnded(40_000, 200, 28_000))
    assert ended == [act.Transcribe(1, 200, 40_000)]
    assert talk.feed(Transcribed(1, "hello")) == [
        act.Commit(1, "hello", 40_000, 28_000),
        act.Reply(1, "hello"),
        act.Release(1),
    ]


def test_a_transcription_that_is_late_is_answered_when_it_arrives() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), SpeechPaused(32_000, 28_000))
    assert talk.feed(UtteranceEnded(40_000, 200, 28_000)) == []
    assert talk.state.phase == "thinking"
    assert talk.feed(Transcribed(1, "hello")) == [
        act.Commit(1, "hello", 40_000, 28_000),
        act.Reply(1, "hello"),
        act.Release(1),
    ]


def test_nothing_said_goes_back_to_listening_without_a_reply() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), SpeechPaused(32_000, 28_000), Transcribed(1, "  "))
    ended = talk.feed(UtteranceEnded(40_000, 200, 28_000))
    assert [(a.turn, a.outcome) for a in ended] == [(1, "empty")]
    assert talk.state.phase == "listening"


def test_speech_over_the_assistant_ends_its_turn_at_once() -> None:
    talk = Talk(TurnConfig(barge_in="stop"))
    turn = until_speaking(talk)
    finished = talk.feed(SpeechStarted(5 * SECOND, 5 * SECOND - 4800))
    assert [(a.turn, a.outcome) for a in finished] == [(turn, "interrupted")]
    assert talk.state.phase == "hearing"
    assert talk.feed(PlaybackFinished(turn, 5 * SECOND + 100)) == []


def test_with_barge_in_off_speech_over_the_assistant_is_not_heard() -> None:
    talk = Talk(TurnConfig(barge_in="off"))
    turn = until_speaking(talk)
    assert (
        talk.feed(
            SpeechStarted(5 * SECOND, 5 * SECOND),
            SpeechPaused(6 * SECOND, 6 * SECOND),
            UtteranceEnded(7 * SECOND, 5 * SECOND, 6 * SECOND),
        )
        == []
    )
    assert talk.feed(PlaybackFinished(turn, 8 * SECOND)) == [act.Finish(turn, "answered")]


def test_speech_soon_after_the_end_continues_the_utterance_if_nothing_was_heard_yet() -> None:
    talk = Talk()
    talk.feed(
        SpeechStarted(1000, 200),
        SpeechPaused(32_000, 28_000),
        Transcribed(1, "I would like to"),
        UtteranceEnded(40_000, 200, 28_000),
    )
    again = talk.feed(SpeechStarted(48_000, 44_000))
    assert again == [
        act.Finish(1, "resumed", "the user went on talking"),
        act.Retract(1),
    ]
    assert talk.feed(SpeechPaused(80_000, 76_000)) == [act.Transcribe(2, 200, 80_000)]


def test_speech_long_after_the_end_is_an_utterance_of_its_own() -> None:
    talk = Talk(TurnConfig(barge_in="stop"))
    talk.feed(
        SpeechStarted(1000, 200),
        SpeechPaused(32_000, 28_000),
        Transcribed(1, "tell me a story"),
        UtteranceEnded(40_000, 200, 28_000),
    )
    late = 28_000 + 3 * SECOND
    finished = talk.feed(SpeechStarted(late + 1000, late))
    assert [(a.turn, a.outcome) for a in finished] == [(1, "interrupted")]
    assert talk.feed(SpeechPaused(late + SECOND, late + SECOND)) == [act.Transcribe(2, late, late + SECOND)]


def test_a_typed_line_takes_the_turn() -> None:
    talk = Talk()
    turn = until_speaking(talk)
    typed = talk.feed(Typed(6 * SECOND, "stop that"))
    assert typed == [
        act.Finish(turn, "interrupted", "the user typed"),
        act.Commit(2, "stop that", 6 * SECOND, 6 * SECOND, voiced=False),
        act.Reply(2, "stop that"),
        act.Release(2),
    ]


def test_an_announcement_waits_until_nobody_speaks() -> None:
    talk = Talk()
    turn = until_speaking(talk)
    assert talk.feed(Announced(5 * SECOND, "Your timer has ended.")) == []
    assert talk.feed(PlaybackFinished(turn, 6 * SECOND)) == [
        act.Finish(turn, "answered"),
        act.Say(2, "Your timer has ended."),
        act.Release(2),
    ]


def test_a_failed_stage_goes_back_to_listening() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), UtteranceEnded(40_000, 200, 28_000))
    failed = talk.feed(Failed(1, "chat", "the server is down"))
    assert failed == [act.Finish(1, "failed", "the server is down")]
    assert talk.state.phase == "listening"


def test_a_failed_speculation_is_tried_again_when_the_utterance_ends() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), SpeechPaused(32_000, 28_000))
    talk.feed(Failed(1, "transcription", "out of memory"))
    assert talk.feed(UtteranceEnded(40_000, 200, 28_000)) == [act.Transcribe(2, 200, 40_000)]


def test_the_last_turn_ends_the_session_once_it_was_heard() -> None:
    talk = Talk()
    turn = until_speaking(talk)
    assert talk.feed(LastTurn(turn)) == []
    assert talk.feed(PlaybackFinished(turn, 5 * SECOND)) == [
        act.Finish(turn, "answered"),
        act.EndSession(),
    ]
    assert talk.feed(Typed(6 * SECOND, "hello?")) == []


def test_a_cough_that_was_no_speech_lets_waiting_announcements_out() -> None:
    talk = Talk()
    talk.feed(SpeechStarted(1000, 200), Announced(1500, "Tea is ready."))
    assert talk.feed(SpeechRejected(3000)) == [act.Say(1, "Tea is ready."), act.Release(1)]


def test_a_stop_request_silences_whatever_goes_on() -> None:
    talk = Talk()
    turn = until_speaking(talk)
    finished = talk.feed(StopRequested(5 * SECOND))
    assert [(a.turn, a.outcome) for a in finished] == [(turn, "interrupted")]
    assert talk.state.phase == "listening"


turns = st.integers(0, 12)
times = st.integers(0, 100 * SECOND)
any_event = st.one_of(
    st.builds(SpeechSuspected, times),
    st.builds(SpeechDismissed, times),
    st.builds(SpeechStarted, times, times),
    st.builds(SpeechPaused, times, times),
    st.builds(SpeechResumed, times),
    st.builds(SpeechRejected, times),
    st.builds(UtteranceEnded, times, times, times, st.booleans()),
    st.builds(Transcribed, turns, st.sampled_from(["", "hello", "stop", "hey nick stop", "go to sleep"])),
    st.builds(TimePassed, times),
    st.builds(Typed, times, st.sampled_from(["hi", "what time is it"])),
    st.builds(Announced, times, st.just("Your timer has ended.")),
    st.builds(StopRequested, times),
    st.builds(PlaybackStarted, turns, times),
    st.builds(PlaybackFinished, turns, times),
    st.builds(Failed, turns, st.just("chat"), st.just("broken")),
)
configs = st.builds(
    TurnConfig,
    barge_in=st.sampled_from(["duck", "stop", "off"]),
    speculate=st.booleans(),
    wake=st.sampled_from([None, WakeConfig()]),
)


@settings(max_examples=500)
@given(configs, st.lists(any_event, max_size=60))
def test_whatever_the_order_of_events_no_finished_turn_is_ever_heard_again(
    config: TurnConfig, events: list[Event]
) -> None:
    talk = Talk(config)
    released: list[int] = []
    finished: set[int] = set()
    for event in events:
        for action in talk.feed(event):
            if isinstance(action, act.Finish):
                assert action.turn not in finished, "a turn ends once"
                finished.add(action.turn)
            elif not isinstance(action, act.Retract | act.EndSession):
                assert action.turn not in finished, "no work for a turn that is over"
            if isinstance(action, act.Release):
                assert set(released) <= finished, "only one turn is audible"
                released.append(action.turn)
    assert len(released) == len(set(released)), "a turn is released once"


@settings(max_examples=500)
@given(configs, st.lists(any_event, max_size=60))
def test_whatever_happened_the_dialogue_comes_back_to_listening(
    config: TurnConfig, events: list[Event]
) -> None:
    talk = Talk(config)
    talk.feed(*events)
    # The endpointer ends every utterance, the workers answer or fail, playback ends.
    end = 200 * SECOND
    talk.feed(UtteranceEnded(end, 0, end))
    for _ in range(3):
        if talk.state.answer is not None:
            talk.feed(Transcribed(talk.state.answer.turn, "hello"))
        if talk.state.answer is not None:
            talk.feed(PlaybackFinished(talk.state.answer.turn, end))
    assert talk.state.quiet
    begun = {a.turn for a in talk.actions if isinstance(a, act.Transcribe | act.Say | act.Commit)}
    assert begun == {a.turn for a in talk.actions if isinstance(a, act.Finish)}, "no turn leaks"


@given(configs, st.lists(any_event, max_size=60))
def test_turn_ids_only_grow(config: TurnConfig, events: list[Event]) -> None:
    talk = Talk(config)
    begun = [
        action.turn
        for event in events
        for action in talk.feed(event)
        if isinstance(action, act.Transcribe | act.Say | act.Commit)
    ]
    assert begun == sorted(begun)
