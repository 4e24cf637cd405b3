"""What `knik bench` does."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from knik.bench.budget import DEFAULT, check, load_budget
from knik.bench.conditions import Condition, conditions
from knik.bench.document import document, table
from knik.bench.html import page
from knik.bench.interruption import run_interruptions
from knik.bench.plot import draw
from knik.bench.references import Recording, recordings
from knik.bench.regression import compare, load_run
from knik.bench.results import Results
from knik.bench.runs import run_stt, run_turns
from knik.bench.speech import lines_of, run_tts
from knik.cli.bench_show import show, show_conditions
from knik.config.schema import Config
from knik.errors import KnikError
from knik.models.locate import locate, models_dir
from knik.models.verdicts import remember_short_context

HARM = 0.01
"""Word error rate that short windows may add before they count as harmful."""

INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What to measure and how to report; see `knik bench --help`."""

    place: Path
    mode: str = "stt"
    repeat: int = 1
    limit: int = 0
    noise: str = ""
    snr: str = "20,10,5,0"
    matrix: str = ""
    budget: Path | None = None
    compare: Path | None = None
    fail_on_regression: bool = False
    worst: int = 5
    as_json: bool = False
    csv: Path | None = None
    html: Path | None = None
    plot: Path | None = None


def run(config: Config, options: BenchOptions) -> None:
    """Measure and report; Ctrl-C reports what is done so far."""
    allowed = load_budget(options.budget) if options.budget else dict(DEFAULT)
    old = load_run(options.compare, options.mode) if options.compare else None
    rows = conditions(config, options.matrix, options.noise, options.snr)
    done: list[tuple[Condition, Results]] = []
    interrupted = _measure_all(rows, options, done)
    why = [skipped.why for _, results in done for skipped in results.skipped]
    done = [(condition, results) for condition, results in done if results.measurements]
    if not done:
        told = " ".join(("Nothing was measured.", *dict.fromkeys(why)))
        raise KnikError(told, exit_code=INTERRUPTED if interrupted else 1)
    found = [_document(condition, results, allowed, options) for condition, results in done]
    changes = compare(old, found[0]) if old else []
    whole = {
        **found[0],
        "complete": not interrupted,
        "changes": [asdict(c) | {"verdict": c.verdict} for c in changes],
    }
    if len(found) > 1:
        whole["conditions"] = found
    _write(options, whole, done)
    if options.as_json:
        typer.echo(json.dumps(whole, indent=2, ensure_ascii=False))
    else:
        for (_, results), shown in zip(done[:1], [changes], strict=True):
            show(results, check(results, allowed), shown, options.worst)
        if len(done) > 1:
            show_conditions([(condition.label, results) for condition, results in done])
    broken = options.budget is not None and not all(v.kept for v in check(done[0][1], allowed))
    worse = options.fail_on_regression and any(change.verdict == "worse" for change in changes)
    if interrupted or broken or worse:
        raise typer.Exit(INTERRUPTED if interrupted else 1)


def check_windows(config: Config, options: BenchOptions) -> None:
    """Transcribe with and without short windows; remember whether they harm this model."""
    model = locate("stt", config.stt.model, models_dir(config.models.dir))
    if model is None or config.stt.engine not in ("auto", "faster-whisper"):
        raise KnikError("There is no Whisper to check.", "Fetch one: knik models download", exit_code=2)
    if not any(recording.reference for recording in recordings(options.place)):
        raise KnikError(f"{options.place}: has no transcripts to check against.", exit_code=2)
    found: dict[str, Results] = {}
    for setting in ("off", "on"):
        stt = config.stt.model_copy(update={"short_context": setting, "engine": "faster-whisper"})
        condition = Condition(setting, config.model_copy(update={"stt": stt}))
        found[setting] = Results("stt")
        if _measure(condition, options, found[setting]):
            raise typer.Exit(INTERRUPTED)
    full, short = (found[setting].words.rate for setting in ("off", "on"))
    harms = short > full + HARM
    remember_short_context(model, harms=harms)
    speed = (found["off"].real_time_factor or 0.0) / (found["on"].real_time_factor or 1.0)
    if options.as_json:
        verdict = {"wer_full": full, "wer_short": short, "times_faster": speed, "harms": harms}
        typer.echo(json.dumps({"model": str(model), **verdict}, indent=2))
        return
    rates = f"{full:.1%} with the full window, {short:.1%} with short ones"
    typer.echo(f"Word error rate {rates}, which are {speed:.1f} times as fast.")
    typer.echo("They harm this model and are off from now on." if harms else "They stay on.")


def _measure_all(rows: list[Condition], options: BenchOptions, done: list[tuple[Condition, Results]]) -> bool:
    """Measure one condition after another into `done`; True when the user ended it early."""
    for condition in rows:
        results = Results(options.mode)
        done.append((condition, results))
        if _measure(condition, options, results):
            return True
    return False


def _measure(condition: Condition, options: BenchOptions, results: Results) -> bool:
    """Fill `results`; True when the user ended it early."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(condition.label, total=None)

        def advance(what: Recording | str) -> None:
            name = what if isinstance(what, str) else what.path.name
            progress.update(task, advance=1, description=f"{condition.label} {name[-24:]}")

        work, count = _work(condition, options, results, advance)
        progress.update(task, total=count * options.repeat)
        try:
            work()
        except KeyboardInterrupt:
            return True
    return False


def _work(
    condition: Condition, options: BenchOptions, results: Results, advance: Callable[[Recording | str], None]
) -> tuple[Callable[[], None], int]:
    """What measures, and how many things."""
    if options.mode == "tts":
        lines = lines_of(options.place)[: options.limit or None]
        return lambda: run_tts(condition.config, options.place, lines, options.repeat, results, advance), len(
            lines
        )
    files = recordings(options.place)[: options.limit or None]
    measure = {"turn": run_turns, "barge-in": run_interruptions}.get(options.mode, run_stt)
    count = len(files) // 2 if options.mode == "barge-in" else len(files)
    return lambda: measure(condition, files, options.repeat, results, advance), count


def _document(
    condition: Condition, results: Results, allowed: dict[str, float], options: BenchOptions
) -> dict[str, Any]:
    config = condition.config
    folder = models_dir(config.models.dir)
    located = (
        locate("stt", config.stt.model, folder),
        locate("chat", config.chat.model, folder),
        locate("tts", config.tts.model, folder),
    )
    models = [path for path in located if path is not None]
    found = document(results, config, options.place, models, check(results, allowed))
    return {"condition": condition.label, "noise": condition.noise, "snr_db": condition.snr_db, **found}


def _write(options: BenchOptions, whole: dict[str, Any], done: list[tuple[Condition, Results]]) -> None:
    try:
        if options.csv:
            options.csv.write_text(table(done[0][1]), "utf-8")
        if options.plot:
            draw(done[0][1], options.plot)
        if options.html:
            options.html.write_text(page(whole), "utf-8")
    except OSError as error:
        raise KnikError(f"{error.filename}: cannot be written ({error.strerror}).") from error
