"""`knik bench`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Mode = Literal["stt", "turn", "tts", "barge-in"]
Optional = Path | None


def bench(
    place: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of WAV, FLAC, OGG or MP3; a text for tts.")
    ],
    mode: Annotated[
        Mode,
        typer.Option(
            help="stt: accuracy and speed of the ears; turn: whole turns in real time; tts: the voice; "
            "barge-in: every second file interrupts the answer to the one before."
        ),
    ] = "stt",
    repeat: Annotated[int, typer.Option(min=1, help="How often each file is measured.")] = 1,
    limit: Annotated[int, typer.Option(min=0, help="Take only the first so many files; 0 is all.")] = 0,
    noise: Annotated[str, typer.Option(help="Noises to mix in: babble,fan,keyboard,music.")] = "",
    snr: Annotated[str, typer.Option(help="Decibels of speech over noise.")] = "20,10,5,0",
    matrix: Annotated[str, typer.Option(help="Settings to compare: stt=tiny.en,base.en;threads=1,2.")] = "",
    budget: Annotated[
        Optional, typer.Option(help="TOML of milliseconds by stage: total = 800.", show_default=False)
    ] = None,
    compare: Annotated[
        Optional, typer.Option(help="An older --json: what has changed beyond the noise?", show_default=False)
    ] = None,
    fail_on_regression: Annotated[bool, typer.Option(help="Exit with 1 when something got worse.")] = False,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst alignments are shown.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON on stdout.")] = False,
    csv: Annotated[
        Optional, typer.Option("--csv", help="Also write a line a measurement.", show_default=False)
    ] = None,
    html: Annotated[
        Optional, typer.Option("--html", help="Also write one page with plots.", show_default=False)
    ] = None,
    plot: Annotated[
        Optional,
        typer.Option("--plot", help="Also draw the distributions: FILE.png or FILE.svg.", show_default=False),
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
    options = BenchOptions(
        place,
        mode,
        repeat,
        limit,
        noise,
        snr,
        matrix,
        budget,
        compare,
        fail_on_regression,
        worst,
        as_json,
        csv,
        html,
        plot,
    )
    if check_short_context:
        check_windows(config, options)
    else:
        run(config, options)
