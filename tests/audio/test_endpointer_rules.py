"""Endpointing's finer rules in simulated time; `test_endpointer` holds the common ones."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knik.audio.endpointer import Endpointer, EndpointerConfig
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE
from knik.audio.speech_events import (
    SpeechEvent,
    SpeechPaused,
    SpeechRejected,
    SpeechResumed,
    SpeechStarted,
    UtteranceEnded,
)

CONFIG = EndpointerConfig()


def samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def hear(
    *stretches: tuple[float, float], config: EndpointerConfig = CONFIG, endpointer: Endpointer | None = None
) -> list[SpeechEvent]:
    """Events of stretches of (probability, seconds)."""
    endpointer = endpointer or Endpointer(config)
    events: list[SpeechEvent] = []
    end = 0
    for probability, seconds in stretches:
        for _ in range(round(seconds * 100)):
            end += FRAME_SAMPLES
            events += endpointer.step(probability, end)
    return events


def test_a_gap_shorter_than_a_pause_is_not_mentioned() -> None:
    assert [type(e) for e in hear((1, 1), (0, 0.07), (1, 1))] == [SpeechStarted]


def test_an_onset_may_stutter() -> None:
    events = hear((0, 1), (1, 0.03), (0, 0.02), (1, 0.03), (0, 2))
    assert events[0] == SpeechStarted(at=samples(1.08), start=samples(0.7))


def test_between_release_and_threshold_a_frame_stays_what_it_was() -> None:
    assert hear((0.4, 3)) == []
    assert [type(e) for e in hear((1, 0.5), (0.4, 3))] == [SpeechStarted]
    assert [type(e) for e in hear((1, 0.5), (0.3, 3))] == [SpeechStarted, SpeechPaused, UtteranceEnded]


def test_the_preroll_reaches_neither_before_the_beginning_nor_into_the_last_utterance() -> None:
    config = replace(CONFIG, silence=0.25, preroll=1.0)
    events = hear((1, 1), (0, 0.3), (1, 1), (0, 0.3), config=config)
    starts = [event.start for event in events if isinstance(event, SpeechStarted)]
    ends = [event.at for event in events if isinstance(event, UtteranceEnded)]
    assert starts == [0, ends[0]]


def test_endless_speech_is_cut_and_nothing_is_lost_between_the_pieces() -> None:
    events = hear((1, 70))
    ends = [event for event in events if isinstance(event, UtteranceEnded)]
    starts = [event.start for event in events if isinstance(event, SpeechStarted)]
    assert [end.forced for end in ends] == [True, True]
    assert all(end.at - end.start == samples(30) for end in ends)
    assert starts[1:] == [end.at for end in ends]


def test_a_key_ends_what_the_voice_began() -> None:
    endpointer = Endpointer(CONFIG)
    hear((0, 1), (1, 1), endpointer=endpointer)
    (end,) = endpointer.force_end(samples(2))
    assert end == UtteranceEnded(samples(2), samples(0.7), samples(2), True)


FOLLOWS: dict[type | None, set[type]] = {
    None: {SpeechStarted},
    SpeechStarted: {SpeechPaused, UtteranceEnded, SpeechRejected},
    SpeechPaused: {SpeechResumed, UtteranceEnded, SpeechRejected},
    SpeechResumed: {SpeechPaused, UtteranceEnded, SpeechRejected},
    UtteranceEnded: {SpeechStarted},
    SpeechRejected: {SpeechStarted},
}
"""What may come after what."""

steps = st.one_of(
    st.tuples(st.just("hear"), st.floats(0, 1), st.integers(1, 120)),
    st.tuples(st.sampled_from(["press", "release"]), st.just(0.0), st.just(1)),
)
configs = st.builds(
    EndpointerConfig,
    threshold=st.just(0.5),
    release=st.floats(0.1, 0.5),
    onset=st.floats(0.01, 0.2),
    pause=st.floats(0.05, 0.5),
    silence=st.floats(0.1, 1.0),
    preroll=st.floats(0, 0.5),
    min_speech=st.floats(0, 0.5),
    max_utterance=st.floats(1, 5),
)


@given(configs, st.lists(steps, max_size=40))
def test_any_rules_any_sound_and_any_keys_give_well_formed_utterances(
    config: EndpointerConfig, script: list[tuple[str, float, int]]
) -> None:
    endpointer = Endpointer(config)
    last: type | None = None
    now = at = start = floor = 0
    for action, probability, count in script:
        for _ in range(count):
            if action == "hear":
                now += FRAME_SAMPLES
                events = endpointer.step(probability, now)
            else:
                press = endpointer.force_start if action == "press" else endpointer.force_end
                events = press(now)
            for event in events:
                assert type(event) in FOLLOWS[last]
                assert at <= event.at == now
                last, at = type(event), event.at
                if isinstance(event, SpeechStarted):
                    start = event.start
                    assert floor <= start <= event.at
                if isinstance(event, SpeechPaused | UtteranceEnded):
                    assert start <= event.speech_end <= event.at
                if isinstance(event, UtteranceEnded):
                    assert event.start == start
                if isinstance(event, UtteranceEnded | SpeechRejected):
                    floor = event.at
            assert endpointer.in_utterance == (last in {SpeechStarted, SpeechPaused, SpeechResumed})
