"""Where the sound of an utterance really ends."""

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.speech_edge import STEP, end_of_speech
from tests.rig.voices import recorded


def noise(seconds: float, level: float, seed: int = 0) -> Samples:
    random = np.random.default_rng(seed)
    return (random.standard_normal(round(seconds * SAMPLE_RATE)) * level).astype(np.float32)


@pytest.mark.parametrize("background", [0.0, 0.0005, 0.003, 0.01])
def test_the_end_is_found_to_the_step_whatever_the_background(background: float) -> None:
    sound = noise(1.0, background)
    loud = round(0.5 * SAMPLE_RATE)
    sound[:loud] += noise(0.5, 0.1, seed=1)
    end = end_of_speech(sound)
    assert end is not None
    assert abs(end - loud) <= STEP


def test_a_background_alone_has_no_end_of_speech() -> None:
    assert end_of_speech(noise(1.0, 0.003)) is None
    assert end_of_speech(np.zeros(SAMPLE_RATE, np.float32)) is None


def test_too_little_sound_says_nothing() -> None:
    assert end_of_speech(noise(0.1, 0.1)) is None
    assert end_of_speech(np.zeros(0, np.float32)) is None


@pytest.mark.parametrize("name", ["cards/005", "librivox/0870", "librivox/0930"])
def test_the_last_word_of_a_person_ends_where_it_fades(name: str) -> None:
    voice, _ = recorded(name)
    sound = np.concatenate([voice[: voice.size - voice.size % STEP], noise(0.5, 0.0003)])
    end = end_of_speech(sound)
    assert end is not None
    loud = np.flatnonzero(np.abs(voice) > 0.1 * np.max(np.abs(voice)))[-1]
    assert loud - STEP <= end <= voice.size
