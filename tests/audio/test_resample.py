"""Resampling of streams, and mixing down."""

import numpy as np
import pytest

from knik.audio.frames import Samples
from knik.audio.resample import StreamResampler, resample, to_mono

PAIRS = [(48_000, 16_000), (44_100, 16_000), (8_000, 16_000), (22_050, 48_000), (24_000, 48_000)]


def tone(hertz: float, rate: int, seconds: float = 1.0) -> Samples:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def in_blocks(samples: Samples, size: int, from_rate: int, to_rate: int) -> Samples:
    stream = StreamResampler(from_rate, to_rate)
    blocks = [stream.process(samples[i : i + size]) for i in range(0, samples.size, size)]
    return np.concatenate([*blocks, stream.process(samples[:0], last=True)])


def level(samples: Samples) -> float:
    """RMS in dB of the middle half, where no edge disturbs."""
    middle = samples[samples.size // 4 : -samples.size // 4]
    return 10 * float(np.log10(np.mean(np.square(middle, dtype=np.float64)) + 1e-20))


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_a_tone_keeps_its_place_and_its_shape(from_rate: int, to_rate: int) -> None:
    # Sample n of the output is the sound at n / to_rate: the ears' sample clock rests on it.
    out = in_blocks(tone(1_000, from_rate), from_rate // 100, from_rate, to_rate)
    wanted = tone(1_000, to_rate)
    assert out.size == wanted.size
    middle = slice(to_rate // 10, -to_rate // 10)
    # A phase off by 0.1 ms is 0.6 of amplitude at 1 kHz, so places are compared, not values.
    lags = np.arange(-8, 9)
    errors = [np.max(np.abs(np.roll(out, lag) - wanted)[middle]) for lag in lags]
    assert abs(lags[int(np.argmin(errors))]) / to_rate < 0.0005
    assert level(out) == pytest.approx(level(wanted), abs=0.05)


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_the_size_of_the_blocks_makes_no_difference(from_rate: int, to_rate: int) -> None:
    noise = np.random.default_rng(1).standard_normal(from_rate // 2).astype(np.float32)
    whole = in_blocks(noise, noise.size, from_rate, to_rate)
    assert np.allclose(in_blocks(noise, from_rate // 100, from_rate, to_rate), whole, atol=1e-6)
    assert np.allclose(in_blocks(noise, 37, from_rate, to_rate), whole, atol=1e-6)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_what_lies_above_the_new_band_does_not_fold_back(rate: int) -> None:
    assert level(in_blocks(tone(9_500, rate), rate // 100, rate, 16_000)) < -90
    assert level(in_blocks(tone(7_000, rate), rate // 100, rate, 16_000)) > -3.1


@pytest.mark.parametrize(("from_rate", "to_rate"), [pair for pair in PAIRS if pair[0] > 8_000])
def test_a_stream_is_held_back_no_longer_than_a_few_frames(from_rate: int, to_rate: int) -> None:
    stream = StreamResampler(from_rate, to_rate)
    block = np.zeros(from_rate // 100, np.float32)
    came = 0
    for fed in range(1, 101):
        came += stream.process(block).size
        if fed > 10:
            assert fed * block.size / from_rate - came / to_rate < 0.02


def test_from_48_khz_what_is_heard_waits_for_less_than_two_milliseconds() -> None:
    stream = StreamResampler(48_000, 16_000)
    fed = np.zeros(480, np.float32)
    came = sum(stream.process(fed).size for _ in range(100))
    assert 16_000 - came < 0.002 * 16_000


def test_equal_rates_pass_through_untouched() -> None:
    block = tone(440, 16_000)
    assert StreamResampler(16_000, 16_000).process(block) is block
    assert resample(block, 16_000, 16_000) is block


def test_a_whole_recording_keeps_its_length_in_seconds() -> None:
    assert resample(tone(440, 44_100, 3.0), 44_100, 16_000).size == 48_000


def test_channels_are_averaged() -> None:
    block = np.array([[1.0, 0.0], [0.5, 0.5], [-1.0, 1.0]], np.float32)
    assert to_mono(block).tolist() == [0.5, 0.5, 0.0]
    assert to_mono(block).dtype == np.float32
    assert to_mono(block[:, :1]).tolist() == [1.0, 0.5, -1.0]
