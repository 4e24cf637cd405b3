"""Distributions, outliers, budgets."""

import gc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.bench.budget import check, load_budget
from knik.bench.results import Distribution, Measurement, Results, histogram, outliers
from knik.bench.surroundings import Surroundings, watched
from knik.errors import KnikError


def measured(*seconds: float, audio: float = 2.0, around: Surroundings | None = None) -> Results:
    around = around or Surroundings()
    files = [Measurement(Path("a.wav"), 1, audio, {"stt": s}, "", surroundings=around) for s in seconds]
    return Results("stt", files)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_a_distribution_is_what_numpy_says(values: list[float]) -> None:
    found = Distribution.of(values)
    expected = np.percentile(values, [50, 90, 95, 99, 100])
    got = (found.median, found.p90, found.p95, found.p99, found.maximum)
    assert got == pytest.approx(tuple(expected), abs=1e-6)


@given(st.lists(st.floats(0, 100), max_size=60))
def test_a_histogram_holds_every_value_once(values: list[float]) -> None:
    assert sum(count for _, _, count in histogram(values)) == len(values)


def test_an_outlier_is_named_with_its_likely_cause() -> None:
    assert [o.cause for o in outliers(measured(1.0, 0.2, 0.2, 0.2))] == ["first run"]
    for around, cause in (
        (Surroundings(busy=0.6), "contention: other processes took 60% of a core"),
        (Surroundings(busy=0.6, collecting=0.4), "garbage collection (400 ms)"),
        (Surroundings(busy=0.6, throttled=2), "thermal: the processor was slowed down"),
        (Surroundings(busy=0.1), "unknown"),
    ):
        assert [o.cause for o in outliers(measured(0.2, 0.2, 0.2, 1.0, around=around))] == [cause]
    results = measured(0.2, 0.2, 0.2)
    results.measurements.append(Measurement(Path("b.wav"), 1, 9.0, {"stt": 1.0}, ""))
    (long,) = outliers(results)
    assert long.cause.startswith("long utterance")
    assert outliers(measured(0.2, 0.21, 0.22, 0.2)) == []


def test_the_real_time_factor_is_work_over_sound() -> None:
    assert measured(0.5, 1.5, audio=4.0).real_time_factor == pytest.approx(0.25)
    assert Results("stt").real_time_factor is None


def test_a_budget_says_which_stage_breaks_it(tmp_path: Path) -> None:
    path = tmp_path / "budget.toml"
    path.write_text("stt = 250\ntotal = 800\n")
    (verdict,) = check(measured(0.2, 0.3, 0.4), load_budget(path))
    assert (verdict.stage, verdict.took, verdict.kept) == ("stt", pytest.approx(300), False)


@pytest.mark.parametrize("content", ["stt = 'fast'", "speed = 1", "stt = true", "="])
def test_a_broken_budget_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "budget.toml"
    path.write_text(content)
    with pytest.raises(KnikError):
        load_budget(path)


def test_garbage_collection_is_seen_and_nothing_is_left_behind() -> None:
    before = list(gc.callbacks)
    with watched() as around:
        gc.collect()
    assert around.collecting > 0
    assert around.busy is None or around.busy >= 0
    assert gc.callbacks == before
