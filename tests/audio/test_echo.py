"""The echo canceller on a simulated room, and the judgement whether there is an echo at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.echo import AutoEcho, EchoPath, WebrtcEcho
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from tests.rig.voices import silence, spoken

ASSISTANT = "I am knik. I tell the time and the date, do sums, convert units and set timers."


def room(far: Samples, delay: float = 0.06, gain: float = 0.4) -> Samples:
    """What a microphone hears of a loudspeaker: delayed, and with a decaying tail."""
    random = np.random.default_rng(4)
    response = random.standard_normal(800) * np.exp(-np.arange(800) / 150) * 0.1
    response[0] = 1.0
    late = np.concatenate([np.zeros(round(delay * SAMPLE_RATE), np.float32), far])
    return (gain * np.convolve(late, response)[: far.size]).astype(np.float32)


def through(canceller: AutoEcho | WebrtcEcho, near: Samples, far: Samples) -> Samples:
    out = []
    for i in range(0, min(near.size, far.size) - 159, 160):
        canceller.played(far[i : i + 160], SAMPLE_RATE)
        out.append(canceller.process(near[i : i + 160]))
    return np.concatenate(out)


def db(samples: Samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples)) + 1e-12))


@pytest.mark.parametrize("make", [AutoEcho, WebrtcEcho])
def test_an_echo_is_taken_out(make: type[AutoEcho] | type[WebrtcEcho]) -> None:
    far = np.concatenate([silence(0.5), spoken(ASSISTANT), spoken(ASSISTANT)])
    near = room(far)
    clean = through(make(), near, far)
    second = slice(2 * SAMPLE_RATE, None)
    assert db(near[: clean.size][second]) - db(clean[second]) > 20


def test_with_headphones_a_voice_over_the_assistant_comes_through_untouched() -> None:
    far = np.concatenate([silence(0.5), spoken(ASSISTANT), spoken(ASSISTANT)])
    near = np.zeros_like(far)
    voice = spoken("what time is it", "en-us+f2")
    start = 3 * SAMPLE_RATE
    near[start : start + voice.size] = voice
    heard = through(AutoEcho(), near, far)
    assert np.array_equal(heard[start : start + voice.size], near[start : start + voice.size])


levels = st.floats(-90, 0)


@given(st.lists(st.tuples(levels, levels), max_size=300))
def test_no_levels_are_too_strange(frames: list[tuple[float, float]]) -> None:
    path = EchoPath()
    for near, far in frames:
        path.observe(near, far)


def run(path: EchoPath, seconds: float, near: float, far: float) -> None:
    for _ in range(round(100 * seconds)):
        path.observe(near, far)


def test_an_echo_path_is_found_and_lost_and_found_again() -> None:
    path = EchoPath()
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


def test_somebody_who_talks_over_headphones_is_no_echo() -> None:
    path = EchoPath()
    run(path, 2, -60, -90)
    run(path, 1, -60, -20)
    for _ in range(10):
        run(path, 0.25, -20, -20)
        run(path, 0.06, -60, -20)
    assert not path.exists


def test_the_first_two_seconds_of_a_speaker_are_not_trusted_where_there_is_an_echo() -> None:
    noise = np.random.default_rng(4).standard_normal(4 * SAMPLE_RATE).astype(np.float32) * np.float32(0.1)
    for echo, learns in ((0.3, 2.0), (0.0, 0.5)):
        canceller = AutoEcho()
        assert not canceller.learning, "nothing has been played yet"
        learning = 0
        for at in range(0, noise.size, FRAME_SAMPLES):
            far = noise[at : at + FRAME_SAMPLES]
            canceller.played(far, SAMPLE_RATE)
            canceller.process(far * np.float32(echo))
            learning += canceller.learning
        assert 0 < learning * FRAME_SAMPLES <= learns * SAMPLE_RATE
