"""The mapping between the device's time and the ears' sample indices."""

import numpy as np
import pytest

from knik.audio.clock import SampleClock
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE

START = 1_000.0


def run(
    clock: SampleClock, frames: range, *, ppm: float = 0.0, jitter: float = 0.0, lost: int = 0, seed: int = 0
) -> None:
    """Observe frames whose stamps are late by up to `jitter` seconds, the 16 kHz count `lost` samples
    behind the true one."""
    random = np.random.default_rng(seed)
    for frame in frames:
        index = frame * FRAME_SAMPLES
        time = START + (index + lost) / SAMPLE_RATE * (1 + ppm * 1e-6)
        # Mostly punctual, sometimes very late: what a loaded machine does to a callback.
        clock.observe(index, time + random.exponential(jitter / 5) * (random.random() < 0.8))


def error_ms(clock: SampleClock, index: int, *, ppm: float = 0.0, lost: int = 0) -> float:
    time = START + (index + lost) / SAMPLE_RATE * (1 + ppm * 1e-6)
    return abs(clock.sample_at(time) - index) / SAMPLE_RATE * 1_000


def test_exact_stamps_give_exact_indices() -> None:
    clock = SampleClock()
    run(clock, range(300))
    assert clock.sample_at(START + 1.0) == SAMPLE_RATE


@pytest.mark.parametrize("seed", range(5))
def test_late_callbacks_do_not_move_it(seed: int) -> None:
    clock = SampleClock()
    run(clock, range(1_000), jitter=0.05, seed=seed)
    assert error_ms(clock, 1_000 * FRAME_SAMPLES) < 1.0


@pytest.mark.parametrize("ppm", [200.0, -200.0])
def test_it_follows_a_crystal_that_runs_differently(ppm: float) -> None:
    clock = SampleClock()
    frames = 30 * 60 * 100
    run(clock, range(0, frames), ppm=ppm, jitter=0.01)
    # Half an hour drifts 360 ms apart; two seconds of memory leave 0.4 ms of it.
    assert error_ms(clock, frames * FRAME_SAMPLES, ppm=ppm) < 1.5


def test_lost_samples_move_it_within_a_quarter_of_a_second() -> None:
    clock = SampleClock()
    lost = 2 * SAMPLE_RATE
    run(clock, range(500), jitter=0.01)
    run(clock, range(500, 525), jitter=0.01, lost=lost)
    assert error_ms(clock, 525 * FRAME_SAMPLES, lost=lost) < 10


def test_one_long_stall_does_not_move_it() -> None:
    clock = SampleClock()
    run(clock, range(500))
    for frame in range(500, 510):
        clock.observe(frame * FRAME_SAMPLES, START + frame * 0.01 + 0.4)
    assert error_ms(clock, 510 * FRAME_SAMPLES) == 0
