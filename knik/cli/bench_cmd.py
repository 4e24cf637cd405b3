"""`knik bench`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Mode = Literal["stt", "turn"]


def bench(
    place: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of WAV, FLAC, OGG or MP3.")],
    mode: Annotated[
        Mode, typer.Option(help="stt: accuracy and speed of the ears; turn: whole turns in real time.")
    ] = "stt",
    repeat: Annotated[int, typer.Option(min=1, help="How often each file is measured.")] = 1,
    limit: Annotated[int, typer.Option(min=0, help="Take only the first so many files; 0 is all.")] = 0,
    budget: Annotated[
        Path | None, typer.Option(help="TOML of milliseconds by stage: total = 800.", show_default=False)
    ] = None,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst alignments are shown.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Also write a line a measurement.", show_default=False)
    ] = None,
    check_short_context: Annotated[
        bool,
        typer.Option(help="Compare Whisper's short windows with the full one, and remember which is better."),
    ] = False,
) -> None:
    """Measure how well and how fast this machine hears and answers.

    References come from name.txt beside a file, LibriSpeech's *.trans.txt, or a JSONL or CSV manifest;
    without any, only speed is measured.
    """
    from knik.cli.bench_run import BenchOptions, check_windows, run
    from knik.config.load import load

    config = load().config
    options = BenchOptions(place, mode, repeat, limit, budget, worst, as_json, csv)
    if check_short_context:
        check_windows(config, options)
    else:
        run(config, options)
