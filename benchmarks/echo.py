"""Echo cancellers on the simulated room, how their reference is fed, and what noise suppression is good for.

    uv pip install pywebrtc-audio pyaec speexdsp-aec voiceclean   # whatever is to be compared
    uv run python -m benchmarks.echo [--only packages,quality,words,cost,feed,moves,headphones,noise]

Candidates that are not installed are listed with the reason.
"""

import argparse
import itertools
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import numpy as np

from benchmarks.cancellers import CANDIDATES, PLATFORMS, Canceller, installed_mib, on_pypi, reason_not_here
from benchmarks.common import Row, arguments, compare, interleave, markdown, report
from benchmarks.echo_cases import CASES, double_talk, far_end, near_end, through
from benchmarks.echo_feed import FEEDS, feed, moved
from benchmarks.echo_words import words
from benchmarks.noise_cases import PLACES, VARIANTS, hear
from benchmarks.overtalk import KNIK, overtalk
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE
from knik.dialogue.reflex.grammar import grammar
from knik.engines.pocketsphinx import PocketSphinxTranscriber
from tests.rig.room.echo_path import EchoPath

PARTS = ("packages", "quality", "words", "cost", "feed", "moves", "headphones", "noise")
BASELINE = "livekit"
RATIOS_DB = (0.0, -10.0)
"""The near end's level over that of the echo."""

COST_SECONDS = 4
FEED_MINUTES = 10
"""After 100 ppm for so long, 60 ms lie between the streams: more than the delay that is fed."""

MOVES = (-0.04, -0.02, -0.01, -0.005, 0.005, 0.01, 0.02, 0.04)
AFTER = ((0.0, 0.25), (0.25, 1.0), (1.0, 2.0), (2.0, 4.0))
"""Seconds after a move."""

PULLED_OUT, APART, MOMENTS, SCENE = 12.0, 0.37, 10, 26.0
"""Second at which headphones are for the first time, by how much later in each further conversation, how many
there are, and how long each is."""

Table = list[dict[str, str]]


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    parts = options.only.split(",")
    present = {name: c.make for name, c in CANDIDATES.items() if loads(c.make)}
    facts: dict[str, Any] = {}
    rows: list[Row] = []
    tables: dict[str, Callable[[], Table]] = {
        "packages": packages,
        "quality": lambda: quality(present),
        "words": lambda: words(PocketSphinxTranscriber(grammar()), 8 if options.quick else 48),
        "feed": lambda: feeds(1 if options.quick else FEED_MINUTES),
        "moves": moves,
        "headphones": headphones,
        "noise": lambda: noise(quick=options.quick),
    }
    for part, make in tables.items():
        if part in parts:
            facts[part] = make()
            print(markdown(facts[part]), flush=True)
    if "cost" in parts:
        rows = cost(present, 3 if options.quick else 15)
    report("echo cancellers", rows, options.json, facts=facts)


def loads(make: Callable[[], Canceller]) -> bool:
    """Whether the candidate is installed and works at all."""
    try:
        canceller = make()
        canceller(far_end()[:FRAME_SAMPLES], far_end()[:FRAME_SAMPLES])
    except (ImportError, OSError, RuntimeError):
        return False
    return True


def packages() -> Table:
    """What each would cost to depend on."""
    table = []
    for package in dict.fromkeys(candidate.package for candidate in CANDIDATES.values()):
        here = next(c for c in CANDIDATES.values() if c.package == package)
        try:
            facts = on_pypi(package)
        except httpx.HTTPError as error:
            facts = dict.fromkeys(("version", "date", "licence", *PLATFORMS), f"? ({type(error).__name__})")
        runs = loads(here.make)
        table.append(
            {
                "package": package,
                "canceller": here.note,
                **facts,
                "installed MB": f"{installed_mib(package):.1f}" if runs else "",
                "measured here": "yes" if runs else reason_not_here(package),
            }
        )
    return table


def quality(present: dict[str, Callable[[], Canceller]]) -> Table:
    """ERLE of an echo alone, and what is left of somebody who talks over it."""
    table = []
    for name, make in present.items():
        row = {"ERLE, dB": name}
        row |= {label: f"{case.erle(make()):.0f}" for label, case in CASES.items()}
        for ratio in RATIOS_DB:
            talk = double_talk(make(), ratio)
            where = f"near end at {ratio:g} dB"
            row[f"{where}: level"] = f"{talk.level_db:.1f}"
            row["SI-SDR" if ratio == RATIOS_DB[0] else "SI-SDR "] = (
                f"{talk.before_db:.0f} → {talk.si_sdr_db:.1f}"
            )
            row["lost" if ratio == RATIOS_DB[0] else "lost "] = f"{100 * talk.lost:.0f} %"
            row["found" if ratio == RATIOS_DB[0] else "found "] = f"{100 * talk.found:.0f} %"
        row["false"] = f"{100 * talk.false:.1f} %"
        table.append(row)
    return table


def cost(present: dict[str, Callable[[], Canceller]], repetitions: int) -> list[Row]:
    """Microseconds of processor time, of all threads, for 10 ms, in turns."""
    size = COST_SECONDS * SAMPLE_RATE
    far = far_end()[:size]
    microphone = EchoPath().apply(far, SAMPLE_RATE) + np.float32(0.03) * near_end()[:size]
    frames = size // FRAME_SAMPLES

    def case(canceller: Canceller) -> float:
        started = time.process_time()
        through(canceller, microphone, far)
        return 1e6 * (time.process_time() - started) / frames

    taken = interleave({name: partial(case, make()) for name, make in present.items()}, repetitions)
    return compare(taken, BASELINE, unit="us", group="10 ms of sound")


def feeds(minutes: float) -> Table:
    """ERLE of knik's canceller in the last minute, by how it is told what was played."""
    table = []
    for ppm in (0.0, 100.0, -100.0):
        for stalls in (False, True):
            row = {"clocks apart": f"{ppm:+g} ppm", "ears stall": "1 s each minute" if stalls else "never"}
            row |= {
                name: f"{feed(make(), ppm, minutes, stalls=stalls):.0f} dB" for name, make in FEEDS.items()
            }
            table.append(row)
    return table


def moves() -> Table:
    """ERLE of knik's canceller after the reference has moved against the microphone."""
    table = []
    for seconds, anew in itertools.product(MOVES, (False, True)):
        row = {"the echo comes": f"{1000 * seconds:+g} ms"}
        row["the canceller"] = "starts anew" if anew else "goes on"
        erle = moved(seconds, AFTER, anew=anew)
        row |= {f"{a:g} to {b:g} s": f"{db:.0f} dB" for (a, b), db in zip(AFTER, erle, strict=True)}
        table.append(row)
    return table


def headphones() -> Table:
    """What knik does when headphones are pulled out while it talks without end, at several moments."""
    table = []
    paths = (EchoPath(), EchoPath(delay=0.2, gain_db=-6.0), EchoPath(distortion=1.0, gain_db=0.0))
    for told, path in itertools.product((True, False), paths):
        cuts = [_pulled_out(path, PULLED_OUT + APART * number, told=told) for number in range(MOMENTS)]
        late = [at for cut in cuts for at in cut if at >= 0]
        table.append(
            {
                "the system": "tells" if told else "does not tell",
                "path": f"{1000 * path.delay:.0f} ms, {path.gain_db:g} dB, distortion {path.distortion:g}",
                "interrupted itself before": str(sum(at < 0 for cut in cuts for at in cut)),
                f"broken off after, of {MOMENTS}": str(sum(any(at >= 0 for at in cut) for cut in cuts)),
                "in one conversation": f"at most {max(sum(at >= 0 for at in cut) for cut in cuts)}",
                "last time": f"{max(late):.1f} s after" if late else "never",
            }
        )
    return table


def _pulled_out(path: EchoPath, moment: float, *, told: bool) -> list[float]:
    """When knik interrupted itself, in seconds after the headphones were pulled out."""
    quiet = np.random.default_rng(1).standard_normal(round(SCENE * SAMPLE_RATE)).astype(np.float32)
    came = overtalk(quiet * np.float32(1e-4), path, KNIK, echo_from=moment, told=told)
    # The end of the scene ends the last reply, too.
    return [h.at - moment for h in came.of("interrupted") if h.at < SCENE - 0.1]


def noise(*, quick: bool) -> Table:
    """Word error rate of PocketSphinx, speech missed and noise taken for speech by the detector."""
    engine = PocketSphinxTranscriber()
    table = []
    for place in PLACES[:2] if quick else PLACES:
        row = {"where": place.label}
        for name, variant in VARIANTS.items():
            heard = hear(place, variant, engine)
            row[name] = (
                f"{100 * heard.words.rate:.0f} % WER, {100 * heard.missed:.1f} % missed, "
                f"{100 * heard.false:.1f} % false"
            )
        table.append(row)
    engine.close()
    return table


if __name__ == "__main__":
    main()
