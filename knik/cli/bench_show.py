"""The results of `knik bench` for people."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from knik.bench.budget import Verdict
from knik.bench.regression import Change
from knik.bench.results import Distribution, Measurement, Results, histogram, outliers, worst

STYLES = {"equal": "", "substitute": "bold yellow", "delete": "bold red", "insert": "bold magenta"}
CHANGES = {"better": "green", "worse": "bold red", "same": ""}
BAR = 24


def show(results: Results, verdicts: Sequence[Verdict], changes: Sequence[Change], count: int) -> None:
    """Print one condition, with its `count` worst alignments."""
    console = Console()
    console.print(_stages(results))
    stages = results.stages()
    stage = next(name for name in ("total", "stt", "first_audio", "stop") if name in stages)
    console.print(_histogram(stage, stages[stage]))
    if results.words.length:
        console.print(accuracy(results))
    for measurement in worst(results.measurements, count):
        console.print(_alignment(measurement))
    for outlier in outliers(results):
        name = outlier.measurement.path.name
        console.print(f"outlier: {name}, {1000 * outlier.seconds:,.0f} ms {outlier.stage}: {outlier.cause}")
    for verdict in verdicts:
        if not verdict.kept:
            told = f"{verdict.stage} took {verdict.took:,.0f} ms, {verdict.allowed:,.0f} are allowed"
            console.print(f"over budget: {told}", style="bold red")
    if changes:
        console.print(_changes(changes))
    for skipped in results.skipped:
        console.print(f"skipped: {skipped.why}", style="yellow")


def show_conditions(rows: Sequence[tuple[str, Results]]) -> None:
    """Print the conditions beside each other."""
    table = Table(title="conditions")
    table.add_column("condition")
    table.add_column("engines")
    stages = list(dict.fromkeys(stage for _, results in rows for stage in results.stages()))
    for heading in ("WER", "CER", "RTF", *(f"{stage} ms" for stage in stages)):
        table.add_column(heading, justify="right")
    for label, results in rows:
        found = results.stages()
        medians = [f"{1000 * Distribution.of(found[s]).median:,.0f}" if s in found else "" for s in stages]
        scored = results.words.length > 0
        rates = [f"{c.rate:.1%}" if scored else "" for c in (results.words, results.characters)]
        factor = results.real_time_factor
        table.add_row(
            label,
            ", ".join(results.engines.values()),
            *rates,
            f"{factor:.3f}" if factor is not None else "",
            *medians,
        )
    Console().print(table)


def accuracy(results: Results) -> str:
    """Error rates in a line."""
    words = results.words
    edits = f"{words.substitutions} substitutions, {words.deletions} deletions, {words.insertions} insertions"
    return (
        f"word error rate {words.rate:.2%} ({edits} in {words.length} words); "
        f"character error rate {results.characters.rate:.2%}"
    )


def _stages(results: Results) -> Table:
    engines = ", ".join(dict.fromkeys(results.engines.values()))
    grid = Table(title=f"{results.mode} with {engines}: {len(results.measurements)} measurements, in ms")
    grid.add_column("stage")
    for heading in ("n", "median", "p90", "p95", "p99", "max"):
        grid.add_column(heading, justify="right")
    for stage, values in results.stages().items():
        found = Distribution.of(values)
        shown = (found.median, found.p90, found.p95, found.p99, found.maximum)
        grid.add_row(stage, str(found.count), *(f"{1000 * value:,.0f}" for value in shown))
    notes = [f"warm-up {stage} {1000 * seconds:,.0f} ms" for stage, seconds in results.warm_up.items()]
    if (factor := results.real_time_factor) is not None:
        notes.insert(0, f"real-time factor {factor:.3f}")
    grid.caption = ", ".join(notes) or None
    return grid


def _histogram(stage: str, values: list[float]) -> Text:
    bins = histogram(values)
    most = max(count for _, _, count in bins)
    lines = [
        f"{1000 * low:8,.0f} – {1000 * high:8,.0f} ms {'█' * round(BAR * count / most):<{BAR}} {count}"
        for low, high, count in bins
    ]
    return Text(f"{stage}\n" + "\n".join(lines))


def _alignment(measurement: Measurement) -> Text:
    assert measurement.score is not None
    text = Text(f"{measurement.path.name}  {measurement.score.words.rate:.0%}  ")
    for piece in measurement.score.alignment:
        shown = piece.said if piece.edit == "equal" else f"[{piece.said or '+'} → {piece.heard or '–'}]"
        text.append(f"{shown} ", STYLES[piece.edit])
    return text


def _changes(changes: Sequence[Change]) -> Table:
    table = Table(title="against the older run (95 % bootstrap interval of the difference)")
    table.add_column("figure")
    for heading in ("old", "new", "difference", ""):
        table.add_column(heading, justify="right")
    for change in changes:
        factor, unit = (100.0, "%") if change.name == "wer" else (1000.0, "ms")
        span = f"{factor * change.low:+,.1f} to {factor * change.high:+,.1f} {unit}"
        cells = (f"{factor * value:,.1f} {unit}" for value in (change.old, change.new))
        table.add_row(change.name, *cells, span, Text(change.verdict, CHANGES[change.verdict]))
    return table
