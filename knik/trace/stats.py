"""Percentiles of measured stages."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knik.trace.turns import STAGES, Stage, TurnTrace


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lies, linearly interpolated.

    This is method 7 of Hyndman and Fan (1996), numpy's default. Raises ValueError without values.
    """
    if not values:
        raise ValueError("a percentile needs at least one value")
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


@dataclass(frozen=True, slots=True)
class Summary:
    """A stage over several turns, in seconds."""

    count: int
    last: float
    median: float
    p95: float


def thrown_away(traces: Iterable[TurnTrace]) -> float:
    """Seconds of work for turns that were begun too early, since the user went on talking."""
    return sum(trace.work for trace in traces if trace.outcome == "resumed")


def hidden(traces: Iterable[TurnTrace]) -> float:
    """Median over the turns that were heard of the seconds of work that nobody waited for."""
    heard = [trace.hidden for trace in traces if "total" in trace.seconds]
    return percentile(heard, 0.5) if heard else 0.0


def summarise(traces: Iterable[TurnTrace]) -> dict[Stage, Summary]:
    """Each stage that any of the traces reached, in the order of `STAGES`."""
    found: dict[Stage, list[float]] = {stage: [] for stage in STAGES}
    for trace in traces:
        for stage, seconds in trace.seconds.items():
            found[stage].append(seconds)
    return {
        stage: Summary(len(values), values[-1], percentile(values, 0.5), percentile(values, 0.95))
        for stage, values in found.items()
        if values
    }
