"""From the microphone to what the engines get, as the configuration has it."""

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.bench.noise import fan
from knik.config.load import load
from knik.session.setup import make_ears
from tests.rig.voices import silence, spoken

BLOCK = SAMPLE_RATE // 100


def heard(sound: Samples, **audio: str) -> Samples:
    """What is kept of a sound that the microphone takes up, while the speaker is silent."""
    config = load(None, {}, {f"audio.{key}": value for key, value in audio.items()}).config
    ears = make_ears(config, echo=True)
    ears.load()
    for start in range(0, sound.size - BLOCK + 1, BLOCK):
        at = start / SAMPLE_RATE
        ears.played(np.zeros(BLOCK, np.float32), SAMPLE_RATE, at)
        ears.capture(sound[start : start + BLOCK], SAMPLE_RATE, at, False)
        ears.listen()
    return ears.history.slice(0, ears.history.end)


def db(samples: Samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples)) + 1e-12))


@pytest.mark.parametrize("echo", ["auto", "on", "off"])
def test_noise_is_suppressed_where_that_was_chosen_with_and_without_an_echo_canceller(echo: str) -> None:
    noise = fan(4.0, SAMPLE_RATE, 1) * np.float32(0.1)
    last = slice(-2 * SAMPLE_RATE, None)
    left = heard(noise, echo=echo, noise_suppression="on")[last]
    assert db(heard(noise, echo=echo)[last]) - db(left) > 10


def test_a_faint_voice_is_raised_where_that_was_chosen() -> None:
    said = np.concatenate([silence(0.5), *[spoken("what time is it in London and in Paris")] * 3])
    faint = said * np.float32(0.03)
    last = slice(-2 * SAMPLE_RATE, None)
    raised = db(heard(faint, gain_control="on", echo="off")[last])
    assert raised - db(heard(faint, echo="off")[last]) > 6


def test_without_either_the_sound_stays_as_it_is() -> None:
    said = spoken("what time is it")
    same = heard(said, echo="off")
    assert np.array_equal(same, said[: same.size])
