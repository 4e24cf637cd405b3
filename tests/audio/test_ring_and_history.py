"""Ring, history, resampler and clock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.clock import SampleClock
from knik.audio.frames import SAMPLE_RATE
from knik.audio.history import AudioHistory
from knik.audio.resample import StreamResampler, resample, to_mono
from knik.audio.ring import Ring

steps = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=60)


@given(st.integers(1, 16), steps)
def test_what_the_ring_accepts_comes_out_once_and_in_order(
    capacity: int, work: list[tuple[int, int]]
) -> None:
    ring = Ring(capacity)
    offered = 0
    accepted: list[float] = []
    out: list[float] = []
    for write, read in work:
        block = np.arange(offered, offered + write, dtype=np.float32)
        count = ring.write(block)
        accepted += block[:count].tolist()
        offered += write
        out += ring.read(read).tolist()
        assert ring.readable <= capacity
    out += ring.read(capacity).tolist()
    assert out == accepted
    assert ring.dropped == offered - len(accepted)
    assert ring.written == len(accepted)


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(-10, 900), st.integers(-10, 900))
def test_history_keeps_indices_for_ever_and_the_newest_samples(sizes: list[int], a: int, b: int) -> None:
    history = AudioHistory(100 / SAMPLE_RATE)
    everything = np.arange(sum(sizes), dtype=np.float32)
    at = 0
    for size in sizes:
        history.append(everything[at : at + size])
        at += size
    assert history.end == everything.size
    start = max(0, everything.size - 100)
    wanted = everything[max(start, a) : max(start, a, min(b, everything.size))]
    assert np.array_equal(history.slice(a, b), wanted)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_a_stream_is_resampled_as_the_whole_would_be_and_not_shifted(rate: int) -> None:
    t = np.arange(rate) / rate
    tone = (0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    stream = StreamResampler(rate, SAMPLE_RATE)
    blocks = [stream.process(tone[i : i + rate // 100]) for i in range(0, rate, rate // 100)]
    out = np.concatenate([*blocks, stream.process(np.zeros(0, np.float32), last=True)])
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(out.size) / SAMPLE_RATE)
    assert abs(out.size - SAMPLE_RATE) <= 2
    middle = slice(800, SAMPLE_RATE - 800)
    # Between blocks of odd length soxr may be late by two samples, an eighth of a millisecond: 0.17 here.
    assert np.max(np.abs(out[middle] - wanted[middle])) < 0.18
    assert np.array_equal(resample(tone, rate, rate), tone)


def test_channels_are_averaged() -> None:
    stereo = np.array([[1.0, 0.0], [0.5, 0.5]], np.float32)
    assert to_mono(stereo).tolist() == [0.5, 0.5]


@given(st.lists(st.floats(0, 0.02), min_size=300, max_size=400), st.floats(-200e-6, 200e-6))
def test_the_clock_sees_through_late_stamps_and_follows_drift(late: list[float], drift: float) -> None:
    clock = SampleClock()
    late[-50] = 0.0
    for block, jitter in enumerate(late):
        clock.observe(block * 160, 100.0 + block * 0.01 * (1 + drift) + jitter)
    last = len(late) - 1
    true_time = 100.0 + last * 0.01 * (1 + drift)
    assert abs(clock.sample_at(true_time) - last * 160) <= 0.001 * SAMPLE_RATE


def test_the_clock_extrapolates_between_blocks() -> None:
    clock = SampleClock()
    clock.observe(16_000, 5.0)
    assert clock.sample_at(5.5) == 24_000
