"""Percentiles and summaries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.trace.stats import hidden, percentile, summarise, thrown_away
from knik.trace.turns import Tracer, TurnTrace

values = st.lists(st.floats(0, 1e6), min_size=1, max_size=50)


@given(values, st.floats(0, 1))
def test_percentiles_agree_with_numpy(sample: list[float], share: float) -> None:
    expected = float(np.percentile(sample, share * 100))
    assert percentile(sample, share) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_percentile_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one"):
        percentile([], 0.5)


def test_a_summary_holds_last_median_and_p95_of_each_stage_that_was_reached() -> None:
    traces = [TurnTrace(i, {"stt": s}) for i, s in enumerate((0.3, 0.1, 0.2))]
    traces[0].seconds["total"] = 0.9
    summary = summarise(traces)
    assert list(summary) == ["stt", "total"]
    assert summary["stt"].last == 0.2
    assert summary["stt"].median == 0.2
    assert summary["stt"].p95 == pytest.approx(0.29)
    assert summary["total"].count == 1


def test_work_done_during_the_silence_is_hidden_and_the_rest_waited_for() -> None:
    seconds = {"endpoint": 0.5, "stt": 0.2, "first_token": 0.1, "first_clause": 0.3, "first_audio": 0.2}
    turn = TurnTrace(1, {**seconds, "total": 0.6})  # type: ignore[dict-item]
    assert turn.work == pytest.approx(0.7)
    # 0.1 s of the 0.7 s lay after the end of the silence.
    assert turn.hidden == pytest.approx(0.6)
    silent = TurnTrace(2, {**seconds}, "resumed")  # type: ignore[dict-item]
    assert silent.hidden == 0
    assert hidden([turn, silent]) == pytest.approx(0.6)
    assert thrown_away([turn, silent]) == pytest.approx(0.7)
    assert (hidden([]), thrown_away([])) == (0, 0)


def test_the_first_report_of_a_stage_counts_and_late_ones_are_dropped() -> None:
    finished: list[TurnTrace] = []
    tracer = Tracer(finished.append)
    tracer.begin(1)
    tracer.measure(1, "first_audio", 0.1)
    tracer.measure(1, "first_audio", 0.5)
    tracer.finish(1, "answered", assistant="Hello.")
    tracer.measure(1, "total", 9.0)
    tracer.finish(1, "failed")
    assert [(t.outcome, t.seconds, t.assistant) for t in finished] == [
        ("answered", {"first_audio": 0.1}, "Hello.")
    ]
    assert tracer.counters == {"turns answered": 1}
