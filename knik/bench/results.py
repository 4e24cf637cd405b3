"""What was measured, and what it comes to."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knik.bench.scoring import Counts, Score, total
from knik.bench.surroundings import Surroundings
from knik.trace.stats import percentile

FAR = 1.5
"""Times the median from which a measurement is an outlier."""

COLLECTING = 0.2
"""Share of a measurement from which garbage collection is blamed."""

BUSY = 0.25
"""Share of a core from which other processes are blamed."""

LONG = 1.5
"""Times the usual length from which an utterance is called long."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One recording, once.

    Attributes:
        path: Of the recording.
        repeat: 0 is the warm-up where there is one.
        audio: Its length in seconds.
        seconds: By stage; "stt" alone, or the stages of a turn.
        heard: What was understood.
        score: Against the reference, or None without one.
        reply: What was answered, in a turn.
        surroundings: What else went on meanwhile.
    """

    path: Path
    repeat: int
    audio: float
    seconds: Mapping[str, float]
    heard: str
    score: Score | None = None
    reply: str = ""
    surroundings: Surroundings = field(default_factory=Surroundings)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A recording that could not be measured, and why."""

    path: Path
    why: str


@dataclass
class Results:
    """A whole run; complete or as far as it got.

    Attributes:
        mode: "stt", "turn", "tts" or "barge-in".
        measurements: In the order in which they were taken.
        skipped: Recordings that could not be used.
        warm_up: Seconds of the first run by stage, which does not count.
        engines: Names of those that really served, by what they do ("stt", "chat", "tts"): where a model
            is not installed, the built-in engine takes its place.
    """

    mode: str
    measurements: list[Measurement] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    warm_up: Mapping[str, float] = field(default_factory=dict)
    engines: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> Counts:
        """Over all recordings with a reference."""
        return total(m.score.words for m in self.measurements if m.score)

    @property
    def characters(self) -> Counts:
        """Over all recordings with a reference."""
        return total(m.score.characters for m in self.measurements if m.score)

    @property
    def real_time_factor(self) -> float | None:
        """Seconds of work for a second of sound heard, or spoken; None where there was none."""
        stage = "synthesis" if self.mode == "tts" else "stt"
        timed = [m for m in self.measurements if stage in m.seconds]
        audio = sum(m.audio for m in timed)
        return sum(m.seconds[stage] for m in timed) / audio if audio else None

    def stages(self) -> dict[str, list[float]]:
        """Seconds by stage."""
        found: dict[str, list[float]] = {}
        for measurement in self.measurements:
            for stage, seconds in measurement.seconds.items():
                found.setdefault(stage, []).append(seconds)
        return found


@dataclass(frozen=True, slots=True)
class Distribution:
    """Of one stage, in seconds."""

    count: int
    median: float
    p90: float
    p95: float
    p99: float
    maximum: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Distribution":
        """Raises ValueError without values."""
        median, p90, p95, p99 = (percentile(values, share) for share in (0.5, 0.9, 0.95, 0.99))
        return cls(len(values), median, p90, p95, p99, max(values))


@dataclass(frozen=True, slots=True)
class Outlier:
    """A measurement far from the others, and its likely cause."""

    measurement: Measurement
    stage: str
    seconds: float
    cause: str


def outliers(results: Results) -> list[Outlier]:
    """Measurements of the stage that counts that lie beyond `FAR` times its median."""
    stage = {"turn": "total", "tts": "first_audio", "barge-in": "stop"}.get(results.mode, "stt")
    timed = [m for m in results.measurements if stage in m.seconds]
    if len(timed) < 3:
        return []
    usual = percentile([m.seconds[stage] for m in timed], 0.5)
    length = percentile([m.audio for m in timed], 0.5)
    return [
        Outlier(m, stage, m.seconds[stage], _cause(m, stage, length, first=m is timed[0]))
        for m in timed
        if m.seconds[stage] > FAR * usual
    ]


def _cause(measurement: Measurement, stage: str, length: float, *, first: bool) -> str:
    if first:
        return "first run"
    if measurement.audio > LONG * length:
        return f"long utterance ({measurement.audio:.1f} s)"
    around = measurement.surroundings
    if around.throttled:
        return "thermal: the processor was slowed down"
    if around.collecting > COLLECTING * measurement.seconds[stage]:
        return f"garbage collection ({1000 * around.collecting:.0f} ms)"
    if around.busy is not None and around.busy > BUSY:
        return f"contention: other processes took {around.busy:.0%} of a core"
    if "first_audio" in measurement.seconds and measurement.seconds["first_audio"] > 0.5:
        return "long first clause"
    return "unknown"


def histogram(values: Sequence[float], bins: int = 10) -> list[tuple[float, float, int]]:
    """Bins of equal width from the least to the largest value: (from, to, count)."""
    if not values:
        return []
    low, high = min(values), max(values)
    if math.isclose(low, high):
        return [(low, high, len(values))]
    width = (high - low) / bins
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / width))] += 1
    return [(low + i * width, low + (i + 1) * width, count) for i, count in enumerate(counts)]


def worst(measurements: Iterable[Measurement], count: int) -> list[Measurement]:
    """The recordings that were heard worst, worst first; those without errors are left out."""
    scored = [m for m in measurements if m.score and m.score.words.errors]
    return sorted(scored, key=lambda m: m.score.words.rate if m.score else 0.0, reverse=True)[:count]
