"""What knik costs while nobody talks, and how much memory each set of engines takes.

The listener is `knik chat` in a process of its own, over the virtual sound card, with the noise of a quiet
room in its microphone. Without models the built-in engines are loaded.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping

import numpy as np
import psutil

from benchmarks.common import Row, arguments, report
from benchmarks.dialogue import ROOM
from benchmarks.latency import SETS, settings_of
from knik.audio.frames import SAMPLE_RATE
from tests.rig.pulse import VirtualCard

LOADING = 15.0
"""Seconds until models are loaded and prompts prefilled."""


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """Settings by dotted key as environment variables."""
    return {f"KNIK_{key.replace('.', '_').upper()}": str(value) for key, value in settings.items()}


def idle(card: VirtualCard, settings: Mapping[str, object], seconds: float) -> tuple[float, float]:
    """Processor time of the idle listener in percent of one core, and its memory in MiB."""
    noise = ROOM * np.random.default_rng(1).standard_normal(
        round((LOADING + seconds + 5) * SAMPLE_RATE), np.float32
    )
    with tempfile.TemporaryDirectory() as empty:
        env = {**card.env, "KNIK_MODELS_DIR": empty, "XDG_CACHE_HOME": empty, **environment(settings)}
        chat = subprocess.Popen(
            [sys.executable, "-m", "knik", "chat", "--json"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        room = card.speak(noise, SAMPLE_RATE)
        try:
            time.sleep(LOADING)
            process = psutil.Process(chat.pid)
            before, started = sum(process.cpu_times()[:2]), time.monotonic()
            time.sleep(seconds)
            used = sum(process.cpu_times()[:2]) - before
            share = 100 * used / (time.monotonic() - started)
            return share, process.memory_info().rss / 2**20
        finally:
            room.terminate()
            chat.terminate()
            chat.wait(10)


def rows(seconds: float) -> list[Row]:
    """The built-in engines first, then every set of full-size models."""
    sets = {"built-in engines": {}, **{name: settings_of(name) for name in SETS}}
    found = []
    with VirtualCard() as card:
        for name, settings in sets.items():
            share, memory = idle(card, settings, seconds)
            found.append(Row(name, (share,), unit="% of one core", notes={"memory": f"{memory:,.0f} MiB"}))
    return found


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__).parse_args()
    report("Footprint of the idle listener", rows(5.0 if options.quick else 20.0), options.json)


if __name__ == "__main__":
    main()
