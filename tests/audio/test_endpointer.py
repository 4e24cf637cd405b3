"""Endpointing in simulated time, and on recordings of people."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.endpointer import Endpointer, EndpointerConfig
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE
from knik.audio.speech_edge import end_of_speech
from knik.audio.speech_events import (
    SpeechEvent,
    SpeechPaused,
    SpeechRejected,
    SpeechResumed,
    SpeechStarted,
    UtteranceEnded,
)
from knik.audio.vad import make_vad
from tests.rig.voices import recorded, silence, spoken

CONFIG = EndpointerConfig()


def run(probabilities: Sequence[float], config: EndpointerConfig = CONFIG) -> list[SpeechEvent]:
    endpointer = Endpointer(config)
    events: list[SpeechEvent] = []
    for frame, probability in enumerate(probabilities, 1):
        events += endpointer.step(probability, frame * FRAME_SAMPLES)
    return events


def frames(seconds: float, probability: float) -> list[float]:
    return [probability] * round(100 * seconds)


def test_an_utterance_starts_before_its_first_voiced_frame_and_ends_after_the_silence() -> None:
    events = run(frames(1.0, 0.0) + frames(1.0, 0.9) + frames(1.0, 0.0))
    started, paused, ended = events
    assert started == SpeechStarted(round(1.06 * SAMPLE_RATE), round(0.7 * SAMPLE_RATE))
    assert paused == SpeechPaused(round(2.08 * SAMPLE_RATE), 2 * SAMPLE_RATE)
    assert ended == UtteranceEnded(round(2.7 * SAMPLE_RATE), round(0.7 * SAMPLE_RATE), 2 * SAMPLE_RATE)


def test_a_short_pause_is_only_a_pause() -> None:
    events = run(frames(1, 0.9) + frames(0.4, 0.0) + frames(1, 0.9) + frames(1, 0.0))
    kinds = [type(event) for event in events]
    assert kinds == [SpeechStarted, SpeechPaused, SpeechResumed, SpeechPaused, UtteranceEnded]


def test_a_click_starts_nothing_and_a_cough_is_rejected() -> None:
    assert run(frames(0.5, 0) + frames(0.03, 0.9) + frames(1, 0)) == []
    events = run(frames(0.5, 0) + frames(0.07, 0.9) + frames(1, 0))
    assert [type(event) for event in events] == [SpeechStarted, SpeechPaused, SpeechRejected]


def test_the_next_utterance_does_not_reach_back_into_the_last() -> None:
    events = run(frames(1, 0.9) + frames(0.71, 0.0) + frames(1, 0.9))
    ended = next(event for event in events if isinstance(event, UtteranceEnded))
    again = [event for event in events if isinstance(event, SpeechStarted)][1]
    assert again.start >= ended.at


def test_endless_speech_is_cut() -> None:
    config = EndpointerConfig(max_utterance=2.0)
    ended = [e for e in run(frames(5, 0.9), config) if isinstance(e, UtteranceEnded)]
    assert all(event.forced and event.at - event.start <= 2.01 * SAMPLE_RATE for event in ended)
    assert len(ended) == 2


def test_a_key_starts_and_ends_an_utterance_whatever_is_heard() -> None:
    endpointer = Endpointer(CONFIG)
    assert endpointer.force_start(1600) == (SpeechStarted(1600, 1600),)
    assert [endpointer.step(0.0, 1600 + 160 * n) for n in range(1, 200)] == [()] * 199
    assert endpointer.force_end(40_000) == (UtteranceEnded(40_000, 1600, 40_000, True),)
    assert endpointer.force_end(40_000) == ()


def test_a_key_that_is_never_pressed_again_ends_the_utterance_where_every_utterance_ends() -> None:
    endpointer = Endpointer(EndpointerConfig(max_utterance=2.0))
    endpointer.force_start(0)
    ends = range(160, 3 * SAMPLE_RATE, 160)
    events = [event for end in ends for event in endpointer.step(0.0, end)]
    assert events == [UtteranceEnded(2 * SAMPLE_RATE, 0, 2 * SAMPLE_RATE, True)]


@given(st.lists(st.tuples(st.integers(1, 120), st.sampled_from([0.0, 0.4, 0.6, 1.0])), max_size=40))
def test_any_sound_gives_well_formed_utterances(runs: list[tuple[int, float]]) -> None:
    events = run([probability for count, probability in runs for _ in range(count)])
    times = [event.at for event in events]
    assert times == sorted(times)
    follows = {
        SpeechStarted: (SpeechPaused, UtteranceEnded, SpeechRejected),
        SpeechPaused: (SpeechResumed, UtteranceEnded, SpeechRejected),
        SpeechResumed: (SpeechPaused, UtteranceEnded),
        UtteranceEnded: (SpeechStarted,),
        SpeechRejected: (SpeechStarted,),
    }
    for first, second in itertools.pairwise(events):
        assert isinstance(second, follows[type(first)])
    for event in events:
        if isinstance(event, UtteranceEnded):
            assert event.start < event.speech_end <= event.at


PEOPLE = [f"cards/00{n}" for n in range(1, 6)] + [f"librivox/0{n}" for n in (870, 880, 890, 920, 930)]


@pytest.mark.parametrize("engine", ["auto", "silero"])
@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_heard_as_one_utterance_whole(name: str, engine: str) -> None:
    voice, _ = recorded(name)
    lead = silence(0.5)
    sound = np.concatenate([lead, voice, silence(1.2)])
    vad = make_vad(engine)  # type: ignore[arg-type]
    probabilities = [vad.probability(sound[i : i + 160]) for i in range(0, sound.size - 159, 160)]
    (ended,) = [event for event in run(probabilities) if isinstance(event, UtteranceEnded)]
    loud = np.flatnonzero(np.abs(sound) > 0.1 * np.max(np.abs(sound)))
    assert ended.start <= loud[0]
    assert ended.speech_end >= loud[-1] - 0.1 * SAMPLE_RATE


@pytest.mark.parametrize("level", [0.0, 0.001, 0.02])
def test_silence_and_noise_are_no_speech(level: float) -> None:
    noise = np.random.default_rng(7).standard_normal(6 * SAMPLE_RATE).astype(np.float32) * np.float32(level)
    vad = make_vad("auto")
    assert run([vad.probability(noise[i : i + 160]) for i in range(0, noise.size - 159, 160)]) == []


def test_the_gate_keeps_silero_asleep_in_silence() -> None:
    from knik.audio.vad import GatedVad, SileroVad, WebrtcVad

    decision = SileroVad()
    gated = GatedVad(WebrtcVad(1), decision)
    for _ in range(500):
        gated.probability(silence(0.01))
    assert decision.runs == 0
    speech = spoken("what time is it")
    for i in range(0, speech.size - 159, 160):
        gated.probability(speech[i : i + 160])
    assert decision.runs >= speech.size // 512


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.004])
def test_the_end_of_speech_is_found_to_ten_milliseconds(noise: float) -> None:
    random = np.random.default_rng(3)
    tone = 0.3 * np.sin(np.arange(round(0.3 * SAMPLE_RATE)) * 0.2)
    sound = np.concatenate([tone, np.zeros(round(0.3 * SAMPLE_RATE))])
    sound = (sound + noise * random.standard_normal(sound.size)).astype(np.float32)
    end = end_of_speech(sound)
    assert end is not None
    assert abs(end - tone.size) <= 0.01 * SAMPLE_RATE
    assert end_of_speech(silence(0.5)) is None


def weighed(silences: dict[int, float], probabilities: Sequence[float]) -> list[SpeechEvent]:
    """As `run`; in the n-th pause the wait is set at once."""
    endpointer = Endpointer(CONFIG)
    events: list[SpeechEvent] = []
    for frame, probability in enumerate(probabilities, 1):
        for event in endpointer.step(probability, frame * FRAME_SAMPLES):
            events.append(event)
            pause = sum(isinstance(e, SpeechPaused) for e in events)
            if isinstance(event, SpeechPaused) and pause in silences:
                endpointer.wait(silences[pause])
    return events


def test_a_pause_that_was_weighed_ends_the_utterance_sooner_or_later() -> None:
    for silence_ in (0.25, 1.5):
        ended = weighed({1: silence_}, frames(1, 0.9) + frames(2, 0.0))[-1]
        assert isinstance(ended, UtteranceEnded)
        assert ended.at - ended.speech_end == round(silence_ * SAMPLE_RATE)


def test_a_wait_that_is_over_already_ends_the_utterance_at_the_next_frame() -> None:
    ended = weighed({1: 0.05}, frames(1, 0.9) + frames(2, 0.0))[-1]
    assert ended.at == round((1 + CONFIG.pause) * SAMPLE_RATE) + FRAME_SAMPLES


def test_the_next_pause_is_weighed_anew() -> None:
    sound = frames(1, 0.9) + frames(0.4, 0.0) + frames(1, 0.9) + frames(2, 0.0)
    ended = weighed({1: 1.5}, sound)[-1]
    assert isinstance(ended, UtteranceEnded)
    assert ended.at - ended.speech_end == round(CONFIG.silence * SAMPLE_RATE)


def test_where_words_are_waited_for_the_first_silent_frame_is_a_pause_and_only_in_this_utterance() -> None:
    endpointer = Endpointer(CONFIG)
    pauses: list[float] = []
    for frame, probability in enumerate(2 * (frames(0.4, 0.9) + frames(1.0, 0.0)), 1):
        for event in endpointer.step(probability, frame * FRAME_SAMPLES):
            if isinstance(event, SpeechStarted) and not pauses:
                endpointer.hurry()
            if isinstance(event, SpeechPaused):
                pauses.append((event.at - event.speech_end) / SAMPLE_RATE)
    assert pauses == [pytest.approx(0.01), pytest.approx(CONFIG.pause)]


@pytest.mark.parametrize(
    ("spoken", "falls_to", "pauses_early"), [(0.95, 0.6, True), (0.95, 0.7, False), (0.7, 0.45, False)]
)
def test_in_a_hurry_a_falling_probability_is_a_pause_and_a_faint_voice_is_none(
    spoken: float, falls_to: float, pauses_early: bool
) -> None:
    endpointer = Endpointer(CONFIG)
    seen: list[SpeechEvent] = []
    for frame, probability in enumerate(frames(0.4, spoken) + frames(0.06, falls_to), 1):
        events = endpointer.step(probability, frame * FRAME_SAMPLES)
        seen += events
        if any(isinstance(event, SpeechStarted) for event in events):
            endpointer.hurry()
    assert any(isinstance(event, SpeechPaused) for event in seen) == pauses_early
    assert not any(isinstance(event, SpeechResumed) for event in seen)


def test_whoever_goes_on_more_faintly_after_a_hurried_pause_is_heard_again() -> None:
    endpointer = Endpointer(CONFIG)
    endpointer.hurry()  # nobody speaks, so there is nothing to hurry
    seen: list[SpeechEvent] = []
    for frame, probability in enumerate(frames(0.4, 0.95) + frames(1.0, 0.6), 1):
        for event in endpointer.step(probability, frame * FRAME_SAMPLES):
            seen.append(event)
            if isinstance(event, SpeechStarted):
                endpointer.hurry()
            if isinstance(event, SpeechPaused):
                endpointer.wait(0.08)  # the words so far were a backchannel
    assert [type(event) for event in seen] == [SpeechStarted, SpeechPaused, SpeechResumed]


def test_without_a_pause_there_is_nothing_to_wait_for() -> None:
    endpointer = Endpointer(CONFIG)
    endpointer.wait(0.01)
    events = [
        e for frame in range(1, 200) for e in endpointer.step(0.9 * (frame < 100), frame * FRAME_SAMPLES)
    ]
    assert isinstance(events[-1], UtteranceEnded)
    assert events[-1].at - events[-1].speech_end == round(CONFIG.silence * SAMPLE_RATE)


def test_each_hope_that_fails_makes_the_next_pause_longer_until_the_utterance_is_over() -> None:
    talk = [*frames(0.5, 0.9), *frames(0.29, 0.0)]
    events = run(talk * 6 + frames(1.5, 0.0) + frames(0.5, 0.9) + frames(1.5, 0.0))
    waits = [round((e.at - e.speech_end) / SAMPLE_RATE, 2) for e in events if isinstance(e, SpeechPaused)]
    assert waits == [0.08, 0.12, 0.18, 0.27, 0.3, 0.08]
