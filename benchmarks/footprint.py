"""What knik costs while nobody talks, and how much memory each set of engines takes.

The listener is `knik chat` in a process of its own, over the virtual sound card, with the noise of a quiet
room in its microphone. Without models the built-in engines are loaded. The baseline is a process in which two
streams are open and nothing is done with them; between two turns the speaker's stream runs, too.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence

import numpy as np
import psutil

from benchmarks.common import Row, arguments, report
from benchmarks.dialogue import ROOM
from benchmarks.latency import SETS, settings_of
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.portaudio import PortAudioDevice
from knik.config.schema import Audio
from tests.rig.pulse import VirtualCard
from tests.rig.voices import spoken

CHAT = ("-m", "knik", "chat", "--json")
BARE = ("-m", "benchmarks.footprint", "--bare")

LOADING = 10.0
"""Seconds until models are loaded and prompts prefilled."""

QUESTION = "what time is it"
ASKED = 4.0
"""Seconds until the question; its answer is over before `LOADING` seconds are."""

BETWEEN = 10.0
"""Seconds at most to measure between two turns: the speaker does not rest yet."""


def with_builtin() -> dict[str, Mapping[str, object]]:
    """The settings of the built-in engines, then of every set of full-size models, by name."""
    return {"built-in engines": {}, **{name: settings_of(name) for name in SETS}}


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings by dotted key as environment variables."""
    return {f"KNIK_{key.replace('.', '_').upper()}": str(value) for key, value in settings.items()}


def idle(
    card: VirtualCard,
    settings: Mapping[str, object],
    seconds: float,
    program: Sequence[str] = CHAT,
    said: Samples | None = None,
) -> tuple[float, float]:
    """Processor time of the idle listener in percent of one core after `LOADING` seconds, in which something
    may be said, and its memory in MiB; with the processes that it has started."""
    noise = ROOM * np.random.default_rng(1).standard_normal(
        round((LOADING + seconds + 5) * SAMPLE_RATE), np.float32
    )
    if said is not None:
        begin = round(ASKED * SAMPLE_RATE)
        noise[begin : begin + said.size] += said
    with tempfile.TemporaryDirectory() as empty:
        env = {**card.env, "KNIK_MODELS_DIR": empty, "XDG_CACHE_HOME": empty, **environment(settings)}
        chat = subprocess.Popen(
            [sys.executable, *program],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        room = card.speak(noise, SAMPLE_RATE)
        try:
            time.sleep(LOADING)
            process = psutil.Process(chat.pid)
            family = [process, *process.children(recursive=True)]
            before, started = used(family), time.monotonic()
            time.sleep(seconds)
            share = 100 * (used(family) - before) / (time.monotonic() - started)
            return share, sum(one.memory_info().rss for one in family) / 2**20
        finally:
            room.terminate()
            chat.terminate()
            chat.wait(10)


def used(processes: list[psutil.Process]) -> float:
    """Processor seconds that they have taken so far."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def bare() -> None:
    """Open microphone and speaker as knik does, and do nothing with them; ends with the process."""
    audio = Audio()
    device = PortAudioDevice(latency=audio.latency_ms / 1000, block=audio.block_ms / 1000)
    device.start(lambda *_: None, lambda out, *_: out.fill(0.0))
    time.sleep(3600)


def rows(seconds: float) -> list[Row]:
    """The built-in engines first, then every set of full-size models."""
    found: list[Row] = []
    with VirtualCard() as card:
        found.append(row("two bare streams", idle(card, {}, seconds, BARE)))
        between = idle(card, {}, min(seconds, BETWEEN), said=spoken(QUESTION, "en-us+f2"))
        found.append(row("built-in engines, between two turns", between))
        for name, settings in with_builtin().items():
            found.append(row(name, idle(card, settings, seconds)))
    return found


def row(name: str, measured: tuple[float, float]) -> Row:
    """What `idle` found."""
    share, memory = measured
    return Row(name, (share,), "% of one core", notes={"memory": f"{memory:,.0f} MiB"})


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bare:
        bare()
    report("Footprint of the idle listener", rows(5.0 if options.quick else 20.0), options.json)


if __name__ == "__main__":
    main()
