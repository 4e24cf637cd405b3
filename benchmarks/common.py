"""What every benchmark shares: the machine, interleaved repetitions, spread, ratios, table and JSON."""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from knik.engines.cores import physical_cores

PACKAGES = (
    "knik",
    "ctranslate2",
    "faster-whisper",
    "kokoro-onnx",
    "llama-cpp-python",
    "numpy",
    "onnxruntime",
)

_WIDTH = 110

Case = Callable[[], float | None]
"""Does one repetition. Returns what it measured, or None to have its wall time in seconds taken."""


def machine() -> dict[str, str | int | float]:
    """The processor, its cores, memory in GiB, operating system and Python."""
    return {
        "cpu": _cpu_name(),
        "physical cores": physical_cores(),
        "logical cores": os.cpu_count() or 1,
        "memory GiB": round(psutil.virtual_memory().total / 2**30, 1),
        "os": _os_name(),
        "python": platform.python_version(),
    }


def versions() -> dict[str, str]:
    """Of knik and the engines' packages; those that are not installed are left out."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def model_sizes(paths: Mapping[str, Path]) -> dict[str, float]:
    """MiB on disk of every model, a file or a folder."""
    return {name: round(_size(path) / 2**20, 1) for name, path in paths.items()}


def interleave(cases: Mapping[str, Case], repetitions: int, *, warm_up: int = 1) -> dict[str, list[float]]:
    """Run the cases in turns, so that a machine that slows down or warms up does so for all of them.

    Every second round goes backwards, so that no case always follows the same one.

    Args:
        cases: By name.
        repetitions: Rounds that count.
        warm_up: Rounds before them that do not.

    Returns:
        The measurements of each case in the order of the rounds.
    """
    samples: dict[str, list[float]] = {name: [] for name in cases}
    for number in range(-warm_up, repetitions):
        order = list(cases) if number % 2 == 0 else list(reversed(list(cases)))
        for name in order:
            value = _measure(cases[name])
            if number >= 0:
                samples[name].append(value)
    return samples


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Spread":
        """Quartiles as numpy's and Excel's default (inclusive) cuts them; of one sample, itself thrice."""
        if len(samples) == 1:
            return cls(samples[0], samples[0], samples[0])
        low, middle, high = statistics.quantiles(samples, n=4, method="inclusive")
        return cls(middle, low, high)


@dataclass(frozen=True, slots=True)
class Row:
    """One case of a table.

    Attributes:
        name: Of the case.
        samples: Measurements by round.
        unit: Of the samples; "s" is shown in ms.
        group: Cases with the same baseline, drawn together.
        baseline: The case of the group that `ratio` is against; empty for none.
        ratio: Sample over the baseline's sample of the same round.
        notes: Shown behind, such as {"real-time factor": "0.21"}.
    """

    name: str
    samples: tuple[float, ...]
    unit: str = "s"
    group: str = ""
    baseline: str = ""
    ratio: Spread | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def spread(self) -> Spread:
        return Spread.of(self.samples)


def compare(
    samples: Mapping[str, Sequence[float]],
    baseline: str,
    *,
    unit: str = "s",
    group: str = "",
    notes: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Row]:
    """Rows of interleaved samples, each with its ratio to the baseline round by round.

    Raises:
        KeyError: The baseline is none of the cases.
    """
    base = samples[baseline]
    return [
        Row(
            name,
            tuple(values),
            unit,
            group,
            baseline,
            Spread.of([value / other for value, other in zip(values, base, strict=True)]),
            (notes or {}).get(name, {}),
        )
        for name, values in samples.items()
    ]


def report(
    title: str,
    rows: Sequence[Row],
    json_path: Path | None = None,
    *,
    models: Mapping[str, float] | None = None,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Print the rows as a table and write them with everything that they depend on as JSON.

    Args:
        title: Of the benchmark.
        rows: See `compare`.
        json_path: Where to write; None for nowhere.
        models: MiB by name, see `model_sizes`.
        facts: Further settings or findings, as JSON takes them.
    """
    here = machine()
    # Where the output goes to a file there is no width to keep to.
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH)
    console.rule(title)
    for group, members in groupby(rows, lambda row: row.group):
        console.print(_table(group or title, list(members)))
    console.print(", ".join(f"{key}: {value}" for key, value in here.items()), style="dim", highlight=False)
    if json_path is not None:
        document = {
            "title": title,
            "machine": here,
            "versions": versions(),
            "models MiB": dict(models or {}),
            "facts": dict(facts or {}),
            "rows": [{**asdict(row), "spread": asdict(row.spread)} for row in rows],
        }
        json_path.parent.mkdir(parents=True, exist_ok=True)
        json_path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def read_report(path: Path) -> tuple[list[Row], dict[str, Any]]:
    """The rows and the facts that `report` wrote; none where there is no such file."""
    if not path.is_file():
        return [], {}
    document = json.loads(path.read_text("utf-8"))
    rows = []
    for found in document["rows"]:
        found.pop("spread")
        ratio = found.pop("ratio")
        samples = tuple(found.pop("samples"))
        rows.append(Row(samples=samples, ratio=Spread(**ratio) if ratio else None, **found))
    return rows, document["facts"]


def renewed(rows: Sequence[Row], fresh: Sequence[Row]) -> list[Row]:
    """The rows, those of every group that was measured afresh replaced."""
    groups = {row.group for row in fresh}
    return [*(row for row in rows if row.group not in groups), *fresh]


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, help="also write the results to this file")
    parser.add_argument("--quick", action="store_true", help="fewer cases and repetitions")
    return parser


def _measure(case: Case) -> float:
    start = time.perf_counter()
    value = case()
    return time.perf_counter() - start if value is None else value


def _table(title: str, rows: Sequence[Row]) -> Table:
    notes = list(dict.fromkeys(key for row in rows for key in row.notes))
    baseline = rows[0].baseline
    caption = f"ratio to {baseline}, round by round" if baseline else None
    table = Table(title=title, caption=caption, box=box.SIMPLE_HEAD)
    table.title_justify = table.caption_justify = "left"
    table.add_column("case", min_width=20)
    for heading in ("median", "quartiles", "ratio", "its quartiles", "n", *notes):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(row.name, *_cells(row), *(row.notes.get(key, "") for key in notes))
    return table


def _cells(row: Row) -> Iterable[str]:
    spread, ratio = row.spread, row.ratio
    factor, unit = (1000.0, "ms") if row.unit == "s" else (1.0, row.unit)
    yield f"{spread.median * factor:.4g} {unit}".rstrip()
    yield f"{spread.low * factor:.4g} – {spread.high * factor:.4g}"
    yield f"{ratio.median:.3f}" if ratio else ""
    yield f"{ratio.low:.3f} – {ratio.high:.3f}" if ratio else ""
    yield str(len(row.samples))


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _cpu_name() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _os_name() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.platform()
    return name


def markdown(table: Sequence[dict[str, str]]) -> str:
    """A table as the documents have it."""
    heads = list(dict.fromkeys(key for row in table for key in row))
    lines = [heads, ["---"] * len(heads), *([row.get(head, "") for head in heads] for row in table)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def compiling_into(folder: str, env: Mapping[str, str]) -> dict[str, str]:
    """The environment `env` for a Python that keeps its compiled files in `folder`, whatever it says."""
    return {
        **{name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPYCACHEPREFIX": folder,
    }
