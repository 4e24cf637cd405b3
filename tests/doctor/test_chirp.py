"""The sweep is found where it is, as loud as it is, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knik.audio.frames import Samples
from knik.doctor.chirp import LOUDNESS, SECONDS, Echo, agreed, chirp, find
from tests.rig.voices import recorded

RATE = 16_000


def heard(delay: int, gain: float, noise: float, seed: int = 0, length: int = RATE) -> Samples:
    recording = noise * np.random.default_rng(seed).standard_normal(length).astype(np.float32)
    pattern = chirp(RATE)
    piece = recording[delay : delay + pattern.size]
    piece += gain * pattern[: piece.size]
    return recording


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_the_chirp_is_short_no_louder_than_promised_and_does_not_click(rate: int) -> None:
    sound = chirp(rate)
    assert sound.size == round(SECONDS * rate)
    assert 0.95 * LOUDNESS < np.abs(sound).max() <= LOUDNESS
    assert abs(sound[0]) < 0.001
    assert abs(sound[-1]) < 0.01


@settings(deadline=None, max_examples=50)
@given(st.integers(0, RATE - 2_000), st.floats(0.02, 2.0), st.integers(0, 10_000))
def test_it_is_found_at_its_place_and_level_in_a_noisy_room(delay: int, gain: float, seed: int) -> None:
    echo = find(heard(delay, gain, 0.002, seed), RATE)
    assert echo is not None
    assert abs(echo.delay * RATE - delay) <= 1
    assert echo.gain_db == pytest.approx(20 * np.log10(gain), abs=1.5)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10_000), st.floats(1e-6, 0.3))
def test_noise_is_no_chirp(seed: int, level: float) -> None:
    assert find(heard(0, 0.0, level, seed), RATE) is None


def test_silence_and_a_snippet_are_no_chirp() -> None:
    assert find(np.zeros(RATE, np.float32), RATE) is None
    assert find(np.zeros(100, np.float32), RATE) is None


def test_chirps_are_never_agreed_on_in_speech() -> None:
    voices = [recorded(f"librivox/0{number}")[0] for number in (870, 880, 890, 920, 930)]
    speech = np.concatenate(voices)
    windows = [speech[start : start + RATE] for start in range(0, speech.size - RATE, RATE)]
    found = [find(window, RATE) for window in windows]
    assert len(found) > 20
    threes = [list(three) for three in zip(found, found[1:], found[2:], strict=False)]
    assert all(agreed(three) is None for three in threes)


def test_half_of_the_chirps_decide_and_one_in_the_wrong_place_does_not_matter() -> None:
    right, late = Echo(0.1, -6.0, 20.0), Echo(0.7, 0.0, 16.0)
    found = agreed([right, late, Echo(0.102, -7.0, 30.0)])
    assert found is not None
    assert (found.delay, found.gain_db, found.clear) == (pytest.approx(0.101), -6.5, 20.0)
    assert agreed([late, right, right]) == right
    assert agreed([right, None, late]) is None
    assert agreed([None, right, None]) is None
    assert agreed([right, right, None, None, None]) is None
    assert agreed([]) is None
