"""From the start of `knik chat` to the first sound it keeps, to hearing, and to every engine being there.

A process of its own over the virtual sound card; the clock starts before Python does. The files of the
models are in the system's cache, as after the first start of a day, and Python's compiled files are in use,
as from the second start on.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

from benchmarks.common import Row, arguments, compiling_into, report
from benchmarks.footprint import environment, with_builtin
from tests.rig.pulse import VirtualCard

STARTED = "BENCH_STARTED"
STAGES = ("ring", "ears", "transcription", "chat", "synthesis")
"""In the order of the report: a captured block is kept, the ears have heard it, an engine is loaded."""

LOST = "lost blocks"
"""Of 10 ms, of the microphone, until every engine was loaded."""

PATIENCE = 60.0

TELLTALE = f"""
import os, sys, time
from knik.session.ears import Ears
from knik.session.session import Session

def tell(stage, value=None):
    value = time.time() - float(os.environ["{STARTED}"]) if value is None else value
    sys.stderr.write(f"{{stage}} {{value}}\\n")
    sys.stderr.flush()

def once(cls, name, stage):
    method = getattr(cls, name)
    def wrapped(self, *arguments, **named):
        setattr(cls, name, method)
        try:
            return method(self, *arguments, **named)
        finally:
            tell(stage)
    setattr(cls, name, wrapped)

once(Ears, "capture", "ring")
once(Ears, "_hear", "ears")
ready = Session._engine_ready
def engine_ready(self, stage, info):
    ready(self, stage, info)
    tell(stage)
    if len(self._engines) == 3:
        tell("{LOST}", self.view().dropped_frames)
Session._engine_ready = engine_ready

from knik.cli.main import main
sys.argv = ["knik", "chat", "--json"]
main()
"""
"""Runs `knik chat` and tells on stderr when it got where."""


def start(card: VirtualCard, settings: Mapping[str, object], compiled: str) -> dict[str, float]:
    """Seconds from the start of one process to each of `STAGES`, and the blocks that were lost; `compiled` is
    the folder of Python's compiled files."""
    reached: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as empty:
        env = compiling_into(compiled, card.env)
        env |= {"KNIK_MODELS_DIR": empty, "XDG_CACHE_HOME": empty, **environment(settings)}
        deadline = time.monotonic() + PATIENCE
        chat = subprocess.Popen(
            [sys.executable, "-c", TELLTALE],
            env={**env, STARTED: str(time.time())},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert chat.stderr is not None
        try:
            while {*STAGES, LOST} - set(reached) and time.monotonic() < deadline:
                line = chat.stderr.readline()
                if not line:
                    raise SystemExit("knik chat ended by itself.")
                stage, _, value = line.rpartition(" ")
                if stage in (*STAGES, LOST):
                    reached[stage] = float(value)
        finally:
            chat.kill()
            chat.communicate()
    return reached


def rows(repetitions: int) -> list[Row]:
    """The built-in engines first, then every set of full-size models; the sets take turns."""
    sets = with_builtin()
    found: dict[str, list[dict[str, float]]] = {name: [] for name in sets}
    with VirtualCard() as card, tempfile.TemporaryDirectory() as compiled:
        for number in range(-1, repetitions):
            for name, settings in sets.items():
                reached = start(card, settings, compiled)
                if number >= 0:
                    found[name].append(reached)
    return [
        Row(stage, tuple(reached[stage] for reached in starts), "" if stage == LOST else "s", group=name)
        for name, starts in found.items()
        for stage in (*STAGES, LOST)
    ]


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__).parse_args()
    report("From the start of knik chat", rows(1 if options.quick else 5), options.json)


if __name__ == "__main__":
    main()
