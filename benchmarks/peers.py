"""What the benchmarks of other frameworks share: the conversation, when its answers sound, and the report."""

import argparse
import asyncio
import math
import time
from bisect import bisect
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.common import arguments, compare, read_report, renewed, report
from benchmarks.dialogue import conversation, recorded_lines
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


class Talk:
    """The lines of a set of engines as one recording, and the time since it began to be heard.

    Attributes:
        sound: The recording, shape (n,) at 16 kHz.
        began: When its first sample is heard, by `time.perf_counter`; whoever feeds it sets that.
    """

    def __init__(self, engines: EngineSet) -> None:
        self._lines = engines.script.lines
        self.sound, self._starts = conversation(self._lines, PAUSE)
        self.began = math.inf
        engines.script.present = lambda: self._line(self.now())

    def now(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self.began

    def _line(self, at: float) -> int:
        return max(0, bisect(self._starts, at) - 1)

    def waits(self, heard: Sequence[float]) -> dict[int, float]:
        """Seconds from the end of each line's speech to the first sound of its answer, by line.

        Args:
            heard: When blocks of answers came, in seconds since it began.
        """
        found: dict[int, float] = {}
        for at in heard:
            line = self._line(at)
            if line not in found:
                first = round(self._starts[line] * SAMPLE_RATE)
                last = first + self._lines[line].audio.size + SAMPLE_RATE // 2
                edge = end_of_speech(self.sound[first:last])
                assert edge is not None
                found[line] = at - (first + edge) / SAMPLE_RATE
        return found


Converse = Callable[[EngineSet, Talk], Coroutine[Any, Any, Sequence[float]]]
"""Lets a peer hear the talk; when blocks of its answers came, in seconds since the talk began."""


def run(name: str, about: str | None, converse: Converse) -> None:
    """Measure one peer and knik, one after the other with the same loaded engines, and print."""
    parser: argparse.ArgumentParser = arguments(about)
    parser.add_argument("--sets", nargs="+", default=[*SETS], choices=["micro", *SETS])
    parser.add_argument("--turns", type=int, default=10)
    options = parser.parse_args()
    rows = read_report(options.json)[0] if options.json else []
    for engine_set in options.sets:
        engines = open_engines(settings_of(engine_set), recorded_lines(5 if options.quick else options.turns))
        try:
            talk = Talk(engines)
            peer = talk.waits(asyncio.run(converse(engines, talk)))
            own = {line: trace.seconds["total"] for line, trace in knik_turns(engines, pause=PAUSE).items()}
        finally:
            engines.close()
        both = sorted(peer.keys() & own.keys())
        taken = {name: [peer[line] for line in both], "knik": [own[line] for line in both]}
        group = f"{engine_set}, {name}"
        rows = renewed(rows, compare(taken, name, group=group))
    report(f"The same turns with {name}", rows, options.json)
