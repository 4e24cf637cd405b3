"""From the end of the user's speech to the first sound of the answer: knik against the plain pipeline.

Both use the very same loaded engines, turn after turn, in the same run. knik hears recordings over a file
that is fed in real time, or over the virtual sound card; the plain pipeline's waiting time is its silence
plus what its stages take, without any device's.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.common import Row, Spread, arguments, compare, read_report, renewed, report
from benchmarks.dialogue import Line, recorded_lines
from benchmarks.engine_sets import open_engines
from benchmarks.plots import cumulative
from benchmarks.turns import knik_turns, plain_turns
from knik.trace.turns import STAGES, TurnTrace
from tests.rig.fullsize.models import dotted
from tests.rig.micro.models import SETTINGS as MICRO
from tests.rig.pulse import VirtualCard

SILENCE = 0.5
"""Seconds: what the best-known framework waits at the end of an utterance, with the plain pipeline."""

FAR = 1.5
"""Times the median from which a turn is an outlier."""

DRAWN = ("plain pipeline", "knik", "knik's floor")

SETS: Mapping[str, tuple[str, str, str]] = {
    "tiny.en + 0.5B + Kokoro int8": ("tiny.en", "0.5b", "int8"),
    "base.en + 0.5B + Kokoro": ("base.en", "0.5b", "fp32"),
    "small.en + 1B + Kokoro": ("small.en", "1b", "fp32"),
}
"""The full-size dummies that are measured together; "micro" stands for the micro models."""


@dataclass
class Measured:
    """One set of engines, turn by turn."""

    name: str
    plain: list[float] = field(default_factory=list)
    knik: list[TurnTrace] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def totals(self) -> list[float]:
        """Seconds to knik's first sounds."""
        return [trace.seconds["total"] for trace in self.knik]

    @property
    def floors(self) -> list[float]:
        """What cannot be hidden: the silence of knik's endpointer, which lasts until the words are known at
        least, and the synthesis of the first clause."""
        return [trace.seconds["endpoint"] + trace.seconds["first_audio"] for trace in self.knik]

    @property
    def plain_floors(self) -> list[float]:
        """The same with the silence that the plain pipeline's endpointer waits for."""
        return [SILENCE + trace.seconds["first_audio"] for trace in self.knik]


def settings_of(name: str) -> Mapping[str, object]:
    """The configuration of a set."""
    return MICRO if name == "micro" else dotted(*SETS[name])


def measure(name: str, lines: list[Line], rounds: int, card: VirtualCard | None) -> Measured:
    """Hold the conversation `rounds` times with knik and with the plain pipeline, in turns."""
    engines = open_engines(settings_of(name), lines)
    found = Measured(f"{name}, sound card" if card else name)
    try:
        for number in range(rounds):
            if number % 2:
                knik, plain = knik_turns(engines, card=card), plain_turns(engines, SILENCE)
            else:
                plain, knik = plain_turns(engines, SILENCE), knik_turns(engines, card=card)
            found.knik += knik.values()
            found.plain += [plain[line] for line in knik]
            lost = set(range(len(lines))) - set(knik)
            found.lost += [f"turn {line + 1} was interrupted by the next" for line in sorted(lost)]
    finally:
        engines.close()
    return found


def table(found: Measured) -> list[Row]:
    """Totals against the plain pipeline, then the stages that make them up."""
    group, base = found.name, "plain pipeline"
    notes = {
        "knik": {
            f"times {SILENCE:g} s + first clause": _over(found.totals, found.plain_floors),
            "times its own floor": _over(found.totals, found.floors),
        }
    }
    drawn = compare({base: found.plain, "knik": found.totals}, base, group=group, notes=notes)
    drawn.append(Row("knik's floor", tuple(found.floors), group=group, baseline=base))
    drawn.append(Row("hidden", tuple(trace.hidden for trace in found.knik), group=group, baseline=base))
    for stage in STAGES:
        if stage != "total":
            values = tuple(trace.seconds[stage] for trace in found.knik if stage in trace.seconds)
            drawn.append(Row(f"  {stage}", values, group=group, baseline=base))
    return drawn


def _over(totals: list[float], floors: list[float]) -> str:
    """How many times the floor, in the median."""
    return f"{Spread.of([total / low for total, low in zip(totals, floors, strict=True)]).median:.2f}"


def outliers(found: Measured) -> list[str]:
    """The turns that took far longer than the others, with the stage that did, and those that are missing."""
    told = [*found.lost]
    usual = {
        stage: statistics.median(t.seconds[stage] for t in found.knik if stage in t.seconds)
        for stage in STAGES
    }
    for number, trace in enumerate(found.knik, 1):
        if trace.seconds["total"] > FAR * usual["total"]:
            excess = {s: trace.seconds.get(s, 0.0) - usual[s] for s in STAGES if s != "total"}
            stage = max(excess, key=lambda s: excess[s])
            why = (
                "a first run"
                if number == 1
                else f"{stage} took {1000 * excess[stage]:.0f} ms more than usual"
            )
            told.append(f"turn {number}, {1000 * trace.seconds['total']:.0f} ms: {why}")
    return told


def draw(title: str, rows: list[Row], path: Path) -> None:
    """The distribution of every set as PNG and SVG."""
    cases: dict[str, dict[str, Sequence[float]]] = {}
    for row in rows:
        if row.name in DRAWN:
            cases.setdefault(row.group, {})[row.name] = row.samples
    cumulative(title, cases, path)


def main() -> None:
    """Measure, print, draw."""
    parser = arguments(__doc__)
    parser.add_argument("--sets", nargs="+", default=["micro", *SETS], choices=["micro", *SETS])
    parser.add_argument("--device", nargs="+", default=["file", "card"], choices=["file", "card"])
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--add", action="store_true", help="keep what the JSON file holds of other sets")
    parser.add_argument("--plot", type=Path, help="draw the distribution as FILE.png and FILE.svg")
    options = parser.parse_args()
    turns, rounds = (5, 1) if options.quick else (options.turns, options.rounds)
    said = recorded_lines(turns)
    measured: list[Measured] = []
    if "file" in options.device:
        measured += [measure(name, said, rounds, None) for name in options.sets]
    if "card" in options.device:
        with VirtualCard() as card:
            measured += [measure(name, said, rounds, card) for name in options.sets]
    found = [row for one in measured for row in table(one)]
    far = {one.name: outliers(one) for one in measured}
    if options.add and options.json:
        rows, facts = read_report(options.json)
        found = renewed(rows, found)
        far = {**facts.get("outliers", {}), **far}
    title = "From the end of speech to the first sound"
    report(title, found, options.json, facts={"outliers": far})
    print("\n".join(f"{name}: {told}" for name, lines in far.items() for told in lines))
    if options.plot:
        draw(title, found, options.plot)


if __name__ == "__main__":
    main()
