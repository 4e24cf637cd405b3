"""The judgement whether the microphone hears the speaker: by levels, then by correlation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.echo_path import EchoLevels, EchoSearch
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.bench.noise import NOISES
from tests.rig.room.echo_path import EchoPath
from tests.rig.voices import spoken

levels = st.floats(-90, 0)


@given(st.lists(st.tuples(levels, levels), max_size=300))
def test_no_levels_are_too_strange(frames: list[tuple[float, float]]) -> None:
    path = EchoLevels()
    for near, far in frames:
        path.observe(near, far)


def run(path: EchoLevels, seconds: float, near: float, far: float) -> None:
    for _ in range(round(100 * seconds)):
        path.observe(near, far)


def test_an_echo_path_is_found_and_lost_and_found_again() -> None:
    path = EchoLevels()
    assert path.exists
    run(path, 2, -60, -90)
    run(path, 1, -60, -20)
    assert not path.exists
    run(path, 1, -60, -90)
    run(path, 2, -35, -20)
    assert path.exists
    run(path, 1, -60, -90)
    run(path, 2, -60, -20)
    assert not path.exists


def test_somebody_who_talks_over_headphones_is_no_echo_by_the_levels() -> None:
    path = EchoLevels()
    run(path, 2, -60, -90)
    run(path, 1, -60, -20)
    for _ in range(10):
        run(path, 0.25, -20, -20)
        run(path, 0.06, -60, -20)
    assert not path.exists


def assistant() -> Samples:
    return np.concatenate(
        [spoken("I tell the time and the date, do sums, convert units and set timers.")] * 2
    )


def search(near: Samples, far: Samples) -> list[tuple[bool | None, float]]:
    """What is believed after each frame."""
    path, believed = EchoSearch(), []
    for start in range(0, far.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        path.observe(near[start : start + FRAME_SAMPLES], far[start : start + FRAME_SAMPLES])
        believed.append((path.exists, path.delay))
    return believed


@pytest.mark.parametrize("delay", [0.01, 0.08, 0.2, 0.4])
@pytest.mark.parametrize("gain_db", [0.0, -30.0])
def test_an_echo_and_its_delay_are_found_within_two_seconds(delay: float, gain_db: float) -> None:
    far = assistant()
    noise = np.random.default_rng(1).standard_normal(far.size).astype(np.float32) * np.float32(1e-4)
    believed = search(EchoPath(delay=delay, gain_db=gain_db).apply(far, SAMPLE_RATE) + noise, far)
    exists, found = believed[200]
    assert exists
    assert found == pytest.approx(delay, abs=0.001)
    assert all(exists for exists, _ in believed[200:])


@pytest.mark.parametrize("kind", ["silence", "talk", *NOISES])
def test_what_is_not_the_speaker_is_no_echo(kind: str) -> None:
    far = assistant()
    if kind == "silence":
        near = np.zeros_like(far)
    elif kind == "talk":
        near = np.resize(spoken("what time is it in London and in Paris", "en-us+f2"), far.size)
    else:
        near = NOISES[kind](far.size / SAMPLE_RATE, SAMPLE_RATE, 1)[: far.size]
    believed = [exists for exists, _ in search(near, far)]
    assert True not in believed
    assert believed[-1] is False


def test_an_echo_under_somebody_who_talks_stays_found() -> None:
    far = np.concatenate([assistant()] * 2)
    near = EchoPath().apply(far, SAMPLE_RATE)
    talk = spoken("what time is it in London and in Paris", "en-us+f2")
    near[4 * SAMPLE_RATE :] += np.resize(talk, near.size - 4 * SAMPLE_RATE) * np.float32(0.3)
    assert all(exists for exists, _ in search(near, far)[300:])


def test_while_the_speaker_is_silent_nothing_is_decided() -> None:
    near = spoken("what time is it", "en-us+f2")
    assert {exists for exists, _ in search(near, np.zeros_like(near))} == {None}
