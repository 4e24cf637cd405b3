"""What the benchmarks of other frameworks share: the conversation, when its answers sound, and the report."""

import argparse
import asyncio
from bisect import bisect
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import numpy.typing as npt

from benchmarks.common import arguments, compare, read_report, report
from benchmarks.dialogue import Line, recorded_lines
from benchmarks.engine_sets import EngineSet, open_engines
from benchmarks.latency import SETS, settings_of
from benchmarks.turns import knik_turns
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.speech_edge import end_of_speech

BLOCK = SAMPLE_RATE // 50
"""Samples of 20 ms, in which the peers hear."""

PAUSE = 4.0
"""Seconds of silence after each line, at least."""


def pcm(samples: Samples) -> npt.NDArray[np.int16]:
    """16-bit samples."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2")


def waits(
    heard: Sequence[float], sound: Samples, starts: Sequence[float], lines: Sequence[Line]
) -> dict[int, float]:
    """Seconds from the end of each line's speech to the first sound of its answer.

    Args:
        heard: When blocks of answers came, in seconds of the conversation.
        sound: The conversation, 16 kHz.
        starts: Seconds at which its lines begin.
        lines: The lines.
    """
    found: dict[int, float] = {}
    for at in heard:
        line = max(0, bisect(starts, at) - 1)
        if line not in found:
            first = round(starts[line] * SAMPLE_RATE)
            edge = end_of_speech(sound[first : first + lines[line].audio.size + SAMPLE_RATE // 2])
            assert edge is not None
            found[line] = at - (first + edge) / SAMPLE_RATE
    return found


def run(name: str, about: str | None, converse: Callable[[EngineSet], Awaitable[dict[int, float]]]) -> None:
    """Measure one peer and knik, one after the other with the same loaded engines, and print."""
    parser: argparse.ArgumentParser = arguments(about)
    parser.add_argument("--sets", nargs="+", default=[*SETS], choices=["micro", *SETS])
    parser.add_argument("--turns", type=int, default=10)
    options = parser.parse_args()
    rows = read_report(options.json)[0] if options.json else []
    for engine_set in options.sets:
        engines = open_engines(settings_of(engine_set), recorded_lines(5 if options.quick else options.turns))
        try:
            peer = asyncio.run(_run(converse, engines))
            own = {line: trace.seconds["total"] for line, trace in knik_turns(engines, pause=PAUSE).items()}
        finally:
            engines.close()
        both = sorted(peer.keys() & own.keys())
        taken = {name: [peer[line] for line in both], "knik": [own[line] for line in both]}
        group = f"{engine_set}, {name}"
        rows = [row for row in rows if row.group != group]
        rows += compare(taken, name, group=group)
    report(f"The same turns with {name}", rows, options.json)


async def _run(
    converse: Callable[[EngineSet], Awaitable[dict[int, float]]], engines: EngineSet
) -> dict[int, float]:
    return await converse(engines)
