"""What `knik bench` does."""

import json
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from knik.bench.budget import DEFAULT, Verdict, check, load_budget
from knik.bench.document import document, table
from knik.bench.references import Recording, recordings
from knik.bench.results import Distribution, Measurement, Results, histogram, outliers, worst
from knik.bench.runs import run_stt, run_turns
from knik.config.schema import Config
from knik.errors import KnikError
from knik.models.locate import locate, models_dir
from knik.models.verdicts import remember_short_context

STYLES = {"equal": "", "substitute": "bold yellow", "delete": "bold red", "insert": "bold magenta"}
BAR = 24
HARM = 0.01
"""Word error rate that short windows may add before they count as harmful."""


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What to measure and how to report; see `knik bench --help`."""

    place: Path
    mode: str
    repeat: int
    limit: int
    budget: Path | None
    worst: int
    as_json: bool
    csv: Path | None


def run(config: Config, options: BenchOptions) -> None:
    """Measure and report; Ctrl-C reports what is done so far."""
    files = _files(options)
    allowed = load_budget(options.budget) if options.budget else dict(DEFAULT)
    results = Results(options.mode)
    interrupted = _measure(config, options, files, results)
    if not results.measurements:
        why = results.skipped[0].why if results.skipped else "It was interrupted."
        raise KnikError(f"Nothing was measured. {why}", exit_code=130 if interrupted else 1)
    verdicts = check(results, allowed)
    if options.csv:
        options.csv.write_text(table(results), "utf-8")
    if options.as_json:
        found = document(results, config, options.place, _models(config), verdicts)
        typer.echo(json.dumps({**found, "complete": not interrupted}, indent=2, ensure_ascii=False))
    else:
        _show(results, verdicts, options.worst)
    broken = options.budget is not None and not all(verdict.kept for verdict in verdicts)
    if interrupted or broken:
        raise typer.Exit(130 if interrupted else 1)


def check_windows(config: Config, options: BenchOptions) -> None:
    """Transcribe with and without short windows; remember whether they harm this model."""
    model = locate("stt", config.stt.model, models_dir(config.models.dir))
    if model is None or config.stt.engine not in ("auto", "faster-whisper"):
        raise KnikError("There is no Whisper to check.", "Fetch one: knik models download", exit_code=2)
    files = [recording for recording in _files(options) if recording.reference]
    if not files:
        raise KnikError(f"{options.place}: has no transcripts to check against.", exit_code=2)
    found: dict[str, Results] = {}
    for setting in ("off", "on"):
        stt = config.stt.model_copy(update={"short_context": setting, "engine": "faster-whisper"})
        found[setting] = Results("stt")
        if _measure(config.model_copy(update={"stt": stt}), options, files, found[setting]):
            raise typer.Exit(130)
    full, short = (found[setting].words.rate for setting in ("off", "on"))
    harms = short > full + HARM
    remember_short_context(model, harms=harms)
    speed = (found["off"].real_time_factor or 0.0) / (found["on"].real_time_factor or 1.0)
    verdict = {
        "model": str(model),
        "wer_full": full,
        "wer_short": short,
        "times_faster": speed,
        "harms": harms,
    }
    if options.as_json:
        typer.echo(json.dumps(verdict, indent=2))
        return
    rates = f"{full:.1%} with the full window, {short:.1%} with short ones"
    typer.echo(f"Word error rate {rates}, which are {speed:.1f} times as fast.")
    typer.echo("They harm this model and are off from now on." if harms else "They stay on.")


def _files(options: BenchOptions) -> list[Recording]:
    files = recordings(options.place)
    return files[: options.limit] if options.limit else files


def _measure(config: Config, options: BenchOptions, files: list[Recording], results: Results) -> bool:
    """Fill `results`; True when the user ended it early."""
    measure = run_turns if options.mode == "turn" else run_stt
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(options.mode, total=len(files) * options.repeat)

        def advance(recording: Recording) -> None:
            progress.update(task, advance=1, description=recording.path.name[-24:])

        try:
            measure(config, files, options.repeat, results, advance)
        except KeyboardInterrupt:
            return True
    return False


def _models(config: Config) -> list[Path]:
    folder = models_dir(config.models.dir)
    found = (
        locate("stt", config.stt.model, folder),
        locate("chat", config.chat.model, folder),
        locate("tts", config.tts.model, folder),
    )
    return [path for path in found if path is not None]


def _show(results: Results, verdicts: list[Verdict], count: int) -> None:
    console = Console()
    console.print(_stages(results))
    for stage in ("total", "stt"):
        if values := results.stages().get(stage):
            console.print(_histogram(stage, values))
            break
    if results.words.length:
        console.print(_accuracy(results))
    for measurement in worst(results.measurements, count):
        console.print(_alignment(measurement))
    for outlier in outliers(results):
        name = outlier.measurement.path.name
        console.print(f"outlier: {name}, {1000 * outlier.seconds:,.0f} ms {outlier.stage}: {outlier.cause}")
    for verdict in verdicts:
        if not verdict.kept:
            told = f"{verdict.stage} took {verdict.took:,.0f} ms, {verdict.allowed:,.0f} are allowed"
            console.print(f"over budget: {told}", style="bold red")
    for skipped in results.skipped:
        console.print(f"skipped: {skipped.why}", style="yellow")


def _stages(results: Results) -> Table:
    grid = Table(title=f"{results.mode}: {len(results.measurements)} measurements, in ms")
    grid.add_column("stage")
    for heading in ("n", "median", "p90", "p95", "p99", "max"):
        grid.add_column(heading, justify="right")
    for stage, values in results.stages().items():
        found = Distribution.of(values)
        shown = (found.median, found.p90, found.p95, found.p99, found.maximum)
        grid.add_row(stage, str(found.count), *(f"{1000 * value:,.0f}" for value in shown))
    factor = results.real_time_factor
    grid.caption = f"real-time factor {factor:.3f}" if factor is not None else None
    return grid


def _accuracy(results: Results) -> str:
    words = results.words
    edits = f"{words.substitutions} substitutions, {words.deletions} deletions, {words.insertions} insertions"
    return (
        f"word error rate {words.rate:.2%} ({edits} in {words.length} words); "
        f"character error rate {results.characters.rate:.2%}"
    )


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
