"""`knik bench`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

EPILOG = """
Examples:
  knik bench recordings  word error rate and speed of the ears, file by file
  knik bench recordings --mode turn --repeat 10  whole turns in real time
  knik bench recordings --mode barge-in  every second file interrupts an answer
  knik bench lines.txt --mode tts  time to the first sound, and speed, of the voice
  knik bench recordings --noise babble,fan --snr 20,10,5,0  error rate against noise
  knik bench recordings --matrix "stt=tiny.en,base.en;threads=1,2"  settings side by side
  knik bench recordings --json > today.json  keep a run
  knik bench recordings --compare today.json --fail-on-regression  and compare with it
  knik bench recordings --check-short-context  are Whisper's short windows good enough here?

Exit codes:
  0  measured
  1  a limit of --budget was broken, or something got worse
  130  interrupted; what was measured so far is shown
"""

WHAT = "What is measured"
AGAINST = "What it is held against"
OUT = "Report"

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
            "barge-in: every second file interrupts the answer to the one before.",
            rich_help_panel=WHAT,
        ),
    ] = "stt",
    repeat: Annotated[
        int, typer.Option(min=1, help="How often each file is measured.", rich_help_panel=WHAT)
    ] = 1,
    limit: Annotated[
        int, typer.Option(min=0, help="Take only the first so many files; 0 is all.", rich_help_panel=WHAT)
    ] = 0,
    noise: Annotated[
        str, typer.Option(help="Noises to mix in: babble,fan,keyboard,music.", rich_help_panel=WHAT)
    ] = "",
    snr: Annotated[
        str, typer.Option(help="Decibels of speech over noise.", rich_help_panel=WHAT)
    ] = "20,10,5,0",
    matrix: Annotated[
        str, typer.Option(help="Settings to compare: stt=tiny.en,base.en;threads=1,2.", rich_help_panel=WHAT)
    ] = "",
    budget: Annotated[
        Optional,
        typer.Option(
            help="TOML of milliseconds by stage: total = 800.", rich_help_panel=AGAINST, show_default=False
        ),
    ] = None,
    compare: Annotated[
        Optional,
        typer.Option(
            help="An older --json: what has changed beyond the noise?",
            rich_help_panel=AGAINST,
            show_default=False,
        ),
    ] = None,
    fail_on_regression: Annotated[
        bool,
        typer.Option(
            "--fail-on-regression", help="Exit with 1 when something got worse.", rich_help_panel=AGAINST
        ),
    ] = False,
    worst: Annotated[
        int, typer.Option(min=0, help="How many of the worst alignments are shown.", rich_help_panel=OUT)
    ] = 5,
    as_json: Annotated[
        bool, typer.Option("--json", help="Everything as JSON on stdout.", rich_help_panel=OUT)
    ] = False,
    csv: Annotated[
        Optional,
        typer.Option(
            "--csv", help="Also write a line a measurement.", rich_help_panel=OUT, show_default=False
        ),
    ] = None,
    html: Annotated[
        Optional,
        typer.Option(
            "--html", help="Also write one page with plots.", rich_help_panel=OUT, show_default=False
        ),
    ] = None,
    plot: Annotated[
        Optional,
        typer.Option(
            "--plot",
            help="Also draw the distributions: FILE.png or FILE.svg.",
            rich_help_panel=OUT,
            show_default=False,
        ),
    ] = None,
    check_short_context: Annotated[
        bool,
        typer.Option(
            "--check-short-context",
            help="Compare Whisper's short windows with the full one, and remember which is better.",
            rich_help_panel=WHAT,
        ),
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
