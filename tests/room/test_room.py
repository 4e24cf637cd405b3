"""The simulated room does what it claims: its numbers are measured in its sound."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knik.audio.echo import WebrtcEcho
from knik.audio.frames import FRAME_SAMPLES, Samples
from knik.bench.levels import active_rms, rms
from knik.bench.noise import LEVEL, NOISES
from tests.rig.room.bangs import BANGS
from tests.rig.room.echo_path import EchoPath, loudspeaker
from tests.rig.room.live import Convolver
from tests.rig.room.scene import RATE, Banged, Said, Scene

SAID = (Said("what time is it", 0.5), Said("tell me a joke", 2.5))


def white(seconds: float, seed: int = 7) -> Samples:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE)).astype(np.float32)


def lag(played: Samples, heard: Samples) -> int:
    """By how many samples `heard` comes after `played`."""
    size = 2 * played.size
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size))
    return int(np.argmax(np.abs(np.fft.irfft(spectrum, size)[: played.size])))


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("snr_db", [0.0, 10.0, 30.0])
def test_the_noise_lies_as_far_below_the_talker_as_it_is_told(noise: str, snr_db: float) -> None:
    air = Scene(4.0, SAID, noise=noise, snr_db=snr_db).render()
    found = 20 * np.log10(active_rms(air.near, RATE) / rms(air.noise))
    assert found == pytest.approx(snr_db, abs=0.1)
    np.testing.assert_allclose(air.microphone, air.near + air.echo + air.noise, atol=1e-6)


@pytest.mark.parametrize("noise", NOISES)
def test_a_noise_has_its_level_and_its_seed(noise: str) -> None:
    one = NOISES[noise](2.0, RATE, 1)
    assert one.size == 2 * RATE
    assert rms(one) == pytest.approx(LEVEL, rel=0.01)
    assert np.array_equal(one, NOISES[noise](2.0, RATE, 1))
    assert not np.array_equal(one, NOISES[noise](2.0, RATE, 2))


@pytest.mark.parametrize("kind", BANGS)
def test_a_bang_is_short_and_has_its_seed(kind: str) -> None:
    one = BANGS[kind](RATE, 1)
    assert 0.05 * RATE < one.size < 1.5 * RATE
    assert 0.1 < np.max(np.abs(one)) < 1.0
    assert np.array_equal(one, BANGS[kind](RATE, 1))
    other = BANGS[kind](RATE, 2)
    assert one.size != other.size or not np.array_equal(one, other)


@pytest.mark.parametrize("delay", [0.03, 0.08, 0.2])
def test_the_echo_comes_after_its_delay(delay: float) -> None:
    far = white(2)
    heard = EchoPath(delay=delay, distortion=0.0).apply(far, RATE)
    assert heard.size == far.size
    assert lag(far, heard) == round(delay * RATE)


@pytest.mark.parametrize("ppm", [-200.0, 100.0, 200.0])
def test_the_clocks_drift_apart(ppm: float) -> None:
    far = white(20)
    heard = EchoPath(delay=0.05, rt60=0.01, distortion=0.0, drift_ppm=ppm).apply(far, RATE)
    begin = lag(far[:RATE], heard[:RATE])
    end = lag(far[-2 * RATE : -RATE], heard[-2 * RATE : -RATE])
    # Between the middles of the two stretches lie 18 s.
    assert end - begin == pytest.approx(18 * RATE * ppm / 1e6, abs=3)


@pytest.mark.parametrize("rt60", [0.15, 0.4])
def test_the_room_decays_as_it_is_told(rt60: float) -> None:
    response = EchoPath(rt60=rt60).response(RATE)[1:]
    # Schroeder (1965): the energy still to come, from -5 to -25 dB, times three.
    left = np.cumsum(np.square(response)[::-1])[::-1]
    decay = 10 * np.log10(left / left[0])
    early, late = np.argmax(decay < -5), np.argmax(decay < -25)
    assert 3 * (late - early) / RATE == pytest.approx(rt60, rel=0.15)


def test_a_cheap_loudspeaker_adds_overtones_and_a_perfect_one_does_not() -> None:
    tone = 0.8 * np.sin(2 * np.pi * 500 * np.arange(RATE) / RATE).astype(np.float32)
    assert np.array_equal(loudspeaker(tone, 0.0), tone)
    spectrum = np.abs(np.fft.rfft(loudspeaker(tone, 1.0)))
    overtones = np.sqrt(np.sum(np.square(spectrum[[1000, 1500, 2000, 2500]]))) / spectrum[500]
    assert 0.05 < overtones < 1.0


def test_the_truth_about_the_words_agrees_with_the_sound() -> None:
    air = Scene(4.5, SAID).render()
    assert [word.text for word in air.words] == ["what", "time", "is", "it", "tell", "me", "a", "joke"]
    for word in air.words:
        assert rms(air.near[round(word.start * RATE) : round(word.end * RATE)]) > 0.01, word
    first, last = air.words[0], air.words[-1]
    assert first.start == pytest.approx(0.5, abs=0.02)
    loud = np.flatnonzero(np.abs(air.near) > 0.003)
    assert loud[0] / RATE == pytest.approx(first.start, abs=0.03)
    assert loud[-1] / RATE == pytest.approx(last.end, abs=0.08)
    assert all(word.start < word.end for word in air.words)


def test_a_scene_is_the_same_each_time() -> None:
    scene = Scene(4.0, SAID, (Banged("door slam", 2.0),), white(3), EchoPath(drift_ppm=100), "babble", 10.0)
    assert np.array_equal(scene.render().microphone, scene.render().microphone)


def test_knik_takes_the_rooms_echo_out() -> None:
    far = Scene(
        10.0, tuple(Said("once upon a time there was a king", 0.2 + 2.4 * i) for i in range(4))
    ).render()
    air = Scene(10.0, far=far.near, path=EchoPath(delay=0.12, drift_ppm=100)).render()
    canceller = WebrtcEcho()
    left = []
    for start in range(0, air.microphone.size, FRAME_SAMPLES):
        canceller.played(far.near[start : start + FRAME_SAMPLES], RATE, start / RATE)
        left.append(canceller.process(air.microphone[start : start + FRAME_SAMPLES], start / RATE))
    late = slice(5 * RATE, None)
    erle = 20 * np.log10(rms(air.microphone[late]) / max(1e-6, rms(np.concatenate(left)[late])))
    assert erle > 15


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 700), st.integers(1, 12))
def test_convolution_by_blocks_is_convolution(length: int, blocks: int) -> None:
    random = np.random.default_rng(length)
    response = random.standard_normal(length).astype(np.float32)
    sound = random.standard_normal(100 * blocks).astype(np.float32)
    convolver = Convolver(response, 100)
    got = np.concatenate([convolver.process(sound[i : i + 100]) for i in range(0, sound.size, 100)])
    np.testing.assert_allclose(got, np.convolve(sound, response)[: sound.size], atol=1e-3)
