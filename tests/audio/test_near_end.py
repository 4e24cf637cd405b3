"""What a transcriber gets of somebody who talks over the loudspeaker."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.history import SECONDS
from knik.audio.near_end import NearEnd
from tests.rig.room.echo_path import EchoPath
from tests.rig.voices import spoken

QUIET = np.zeros(FRAME_SAMPLES, np.float32)


def fed(microphone: Samples, far: Samples, learning_at: int = -1) -> NearEnd:
    near_end = NearEnd()
    for start in range(0, microphone.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        end = start + FRAME_SAMPLES
        near_end.append(microphone[start:end], far[start:end])
        if start <= learning_at < end:
            near_end.learn()
    return near_end


def fidelity_db(heard: Samples, true: Samples) -> float:
    """How far what is not `true` lies below it."""
    return 10 * float(np.log10(np.sum(np.square(true)) / np.sum(np.square(heard - true))))


@pytest.mark.parametrize(("distortion", "least"), [(0.0, 14.0), (0.3, 11.0)])
def test_a_voice_over_an_equally_loud_echo_comes_out_whole(distortion: float, least: float) -> None:
    far = 0.3 * spoken("the capital of France is Paris, on the river Seine, where two million people live")
    said = spoken("what time is it", "en-us+f2")
    echo = EchoPath(gain_db=0.0, distortion=distortion).apply(far, SAMPLE_RATE)
    near = np.zeros_like(echo)
    at = echo.size - said.size
    near[at:] = said * np.float32(np.std(echo) / np.std(said))
    near_end = fed(echo + near, far, learning_at=at + SAMPLE_RATE // 5)
    end = near.size // FRAME_SAMPLES * FRAME_SAMPLES
    assert near_end.is_echo(at, end)
    assert fidelity_db(near_end.slice(at, end), near[at:end]) > least
    assert fidelity_db((echo + near)[at:end], near[at:end]) < 1.0


def test_of_an_echo_alone_hardly_anything_is_left() -> None:
    far = 0.3 * spoken("the capital of France is Paris, on the river Seine, where two million people live")
    echo = EchoPath(gain_db=-6.0).apply(far, SAMPLE_RATE)
    near_end = fed(echo, far)
    near_end.learn()
    last = slice(echo.size - SAMPLE_RATE, echo.size // FRAME_SAMPLES * FRAME_SAMPLES)
    left = near_end.slice(last.start, last.stop)
    assert 20 * np.log10(np.std(echo[last]) / np.std(left)) > 30


@given(st.integers(0, 40), st.integers(-400, 8000), st.integers(-400, 8000))
@settings(max_examples=50)
def test_while_nothing_is_played_it_is_the_microphone_to_the_sample(
    frames: int, start: int, end: int
) -> None:
    microphone = np.random.default_rng(1).standard_normal(frames * FRAME_SAMPLES).astype(np.float32)
    near_end = fed(microphone, np.zeros_like(microphone))
    near_end.learn()
    assert not near_end.is_echo(start, end)
    assert np.array_equal(near_end.slice(start, end), microphone[max(0, start) : max(0, end)])


def test_what_is_no_longer_held_is_left_out() -> None:
    sound = np.tile(spoken("one two three"), 120)[: (SECONDS + 2) * SAMPLE_RATE]
    near_end = fed(sound, 0.5 * sound)
    near_end.learn()
    assert near_end.slice(0, 3 * SAMPLE_RATE).size == SAMPLE_RATE
    assert near_end.slice(0, SAMPLE_RATE).size == 0


def test_an_echo_that_came_just_now_is_one_still() -> None:
    near_end = fed(
        np.tile(QUIET, 40), np.concatenate([np.full(FRAME_SAMPLES, 0.1, np.float32), np.tile(QUIET, 39)])
    )
    assert near_end.is_echo(20 * FRAME_SAMPLES, 40 * FRAME_SAMPLES)
    assert not near_end.is_echo(30 * FRAME_SAMPLES, 40 * FRAME_SAMPLES)


@pytest.mark.parametrize(("voice", "least", "most"), [(None, 5, 9), ("en-us+f2", 0, 0), ("en-us", 0, 0)])
def test_the_assistants_own_voice_is_told_from_somebody_elses(
    voice: str | None, least: int, most: int
) -> None:
    far = 0.3 * spoken("the capital of France is Paris, on the river Seine, where two million people live")
    said = 0.1 * np.tile(spoken("please tell me what time it is now", voice or "en-us"), 3)[: far.size]
    sound = EchoPath().apply(far, SAMPLE_RATE) if voice is None else said
    noise = np.random.default_rng(1).standard_normal(far.size).astype(np.float32) * np.float32(1e-3)
    own = 0
    for begin in np.arange(1.0, 3.9, 0.3) * SAMPLE_RATE:
        part = slice(int(begin), int(begin) + 6400)
        near = noise.copy()
        near[part] += sound[part]
        own += fed(near, far).is_own(part.start - 4800, part.stop)
    assert least <= own <= most


def test_a_path_that_was_forgotten_is_learnt_anew() -> None:
    far = 0.3 * spoken("the capital of France is Paris, on the river Seine, where two million people live")
    near_end = fed(EchoPath().apply(far, SAMPLE_RATE), far)
    near_end.learn()
    near_end.forget()
    echo = EchoPath(seed=2, delay=0.03).apply(far, SAMPLE_RATE)
    size = far.size // FRAME_SAMPLES * FRAME_SAMPLES
    for start in range(0, size, FRAME_SAMPLES):
        near_end.append(echo[start : start + FRAME_SAMPLES], far[start : start + FRAME_SAMPLES])
    near_end.learn()
    left = near_end.slice(size + size - SAMPLE_RATE, 2 * size)
    assert 20 * np.log10(np.std(echo[size - SAMPLE_RATE : size]) / np.std(left)) > 20


SENTENCE = "the capital of France is Paris, on the river Seine, where two million people live"


def test_somebody_who_answers_at_once_is_not_taken_for_the_assistant() -> None:
    reply = 0.3 * spoken("it is ten past nine", "en-us")
    noise = np.random.default_rng(1).standard_normal(8 * SAMPLE_RATE).astype(np.float32) * np.float32(1e-4)
    begin = 2 * SAMPLE_RATE
    far = np.zeros_like(noise)
    far[begin - reply.size : begin] = reply
    for wait in np.arange(0.0, 0.9, 0.1):
        near = noise.copy()
        start = begin + round(wait * SAMPLE_RATE)
        said = 0.1 * spoken("please tell me what time it is now", "en-us+f2")
        near[start : start + said.size] += said
        assert not fed(near, far).is_own(start - 4800, start + said.size), wait


@pytest.mark.parametrize("level_db", [0.0, 6.0, 12.0])
def test_somebody_as_loud_as_the_echo_is_not_taken_for_it(level_db: float) -> None:
    far = 0.3 * spoken(SENTENCE)
    echo = EchoPath().apply(far, SAMPLE_RATE)
    said = spoken("please tell me what time it is now", "en-us+f2")[:9600]
    begin, end = 3 * SAMPLE_RATE, 3 * SAMPLE_RATE + 9600
    near = 1e-3 * np.random.default_rng(1).standard_normal(far.size).astype(np.float32)
    loud = np.std(echo[begin:end]) / np.std(said) * 10 ** (level_db / 20)
    near[begin:end] += echo[begin:end] + np.float32(loud) * said
    assert not fed(near, far).is_own(begin - 4800, end)


def test_an_echo_that_comes_too_late_is_known_to_be_unknown() -> None:
    far = 0.3 * spoken(SENTENCE)
    for delay, known in ((0.08, True), (0.2, True), (0.35, False)):
        near_end = fed(EchoPath(delay=delay).apply(far, SAMPLE_RATE), far)
        near_end.learn()
        assert near_end.learnt == known, delay


def test_a_path_that_has_just_changed_is_not_believed_to_be_the_old_one() -> None:
    far = 0.3 * spoken(SENTENCE)
    echo = EchoPath(gain_db=0.0).apply(far, SAMPLE_RATE)
    middle = far.size // 2
    echo[middle:] = EchoPath(gain_db=0.0, delay=0.11, seed=2).apply(far, SAMPLE_RATE)[middle:]
    near_end = fed(echo, far)
    near_end.learn()
    assert not near_end.learnt


def test_whoever_talks_while_the_path_is_learnt_stays_as_he_was() -> None:
    far = 0.3 * spoken(SENTENCE)
    echo = EchoPath(gain_db=-20.0).apply(far, SAMPLE_RATE)
    said = np.float32(0.3) * spoken("please tell me what time it is now", "en-us+f2")
    near = np.zeros_like(echo)
    near[2 * SAMPLE_RATE : 2 * SAMPLE_RATE + said.size] = said
    near_end = fed(echo + near, far)
    near_end.learn()
    part = slice(2 * SAMPLE_RATE, 2 * SAMPLE_RATE + said.size)
    assert fidelity_db(near_end.slice(part.start, part.stop), said) > 10


def test_behind_the_last_echo_the_microphone_stays_to_the_sample() -> None:
    far = np.concatenate([0.3 * spoken("it is ten past nine"), np.zeros(SAMPLE_RATE, np.float32)])
    near = EchoPath().apply(far, SAMPLE_RATE)
    near += 0.1 * np.random.default_rng(1).standard_normal(near.size).astype(np.float32)
    near_end = fed(near, far)
    near_end.learn()
    end = near.size // FRAME_SAMPLES * FRAME_SAMPLES
    silent = end - SAMPLE_RATE // 2
    assert np.array_equal(near_end.slice(end - SAMPLE_RATE, end)[SAMPLE_RATE // 2 :], near[silent:end])
    assert not np.array_equal(near_end.slice(0, SAMPLE_RATE), near[:SAMPLE_RATE])
