"""What knik costs while nobody talks, and how much memory each set of engines takes.

The listener is `knik chat` in a process and a terminal of its own, with the panel, over the virtual sound
card, with the noise of a quiet room in its microphone. Without models the built-in engines are loaded. The
baseline is a process in which two streams are open and nothing is done with them; between two turns the
speaker's stream runs, too.
"""

import argparse
import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import numpy as np
import psutil

from benchmarks.common import Row, arguments, report
from benchmarks.dialogue import ROOM
from benchmarks.latency import SETS, settings_of
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.portaudio import PortAudioDevice
from knik.config.schema import Audio
from tests.rig.chat_process import ChatProcess
from tests.rig.pulse import VirtualCard
from tests.rig.voices import spoken

CHAT = ("-m", "knik", "chat")
BARE = ("-m", "benchmarks.footprint", "--bare")

LOADING = 10.0
"""Seconds until models are loaded and prompts prefilled."""

QUESTION = "what can you do"
SETTLING = 2.0
"""Seconds after an answer until its echo is over, too."""

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
) -> tuple[float, float]:
    """What the idle listener takes, as `taken` has it."""
    with tempfile.TemporaryDirectory() as empty, terminal() as (screen, size):
        folders = {"KNIK_MODELS_DIR": empty, "XDG_CACHE_HOME": empty}
        env = {**card.env, **folders, **size, **environment(settings)}
        chat = subprocess.Popen(
            [sys.executable, *program],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=subprocess.DEVNULL,
        )
        room = card.speak(quiet_room(2 * LOADING + seconds), SAMPLE_RATE)
        try:
            time.sleep(LOADING)
            if program is CHAT:
                card.wait_until_the_speaker_rests()
            return taken(chat.pid, seconds)
        finally:
            room.terminate()
            chat.terminate()
            chat.wait(10)


@contextmanager
def terminal() -> Iterator[tuple[int, dict[str, str]]]:
    """A screen that shows nothing to anybody, as a file descriptor, and the environment that describes it."""
    keyboard, screen = pty.openpty()

    def show() -> None:
        # The last one who writes has closed it when this raises.
        with suppress(OSError):
            while os.read(keyboard, 65536):
                pass

    reader = threading.Thread(target=show)
    reader.start()
    try:
        yield screen, {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    finally:
        os.close(screen)
        reader.join()
        os.close(keyboard)


def between_turns(card: VirtualCard, seconds: float) -> tuple[float, float]:
    """What the built-in listener takes after a turn, as `taken` has it; without a panel."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["KNIK_MODELS_DIR"] = empty
        with ChatProcess(env={**card.env, "XDG_CACHE_HOME": empty}) as chat:
            chat.wait_until_listening()
            card.play(spoken(QUESTION, "en-us+f2"), SAMPLE_RATE)
            chat.wait_for(lambda event: event["event"] == "turn" and event["outcome"] == "answered")
            room = card.speak(quiet_room(SETTLING + seconds + 5), SAMPLE_RATE)
            try:
                time.sleep(SETTLING)
                return taken(chat.process.pid, min(seconds, BETWEEN))
            finally:
                room.terminate()


def quiet_room(seconds: float) -> Samples:
    """Its noise at 16 kHz."""
    return ROOM * np.random.default_rng(1).standard_normal(round(seconds * SAMPLE_RATE), np.float32)


def taken(pid: int, seconds: float) -> tuple[float, float]:
    """Processor time in percent of one core during so many seconds, and memory in MiB, of a process and of
    those that it has started."""
    processes = family(pid)
    before, started = used(processes), time.monotonic()
    time.sleep(seconds)
    share = 100 * (used(processes) - before) / (time.monotonic() - started)
    return share, memory(processes)


def family(pid: int) -> list[psutil.Process]:
    """A process and those that it has started."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def memory(processes: list[psutil.Process]) -> float:
    """MiB that they hold."""
    return sum(process.memory_info().rss for process in processes) / 2**20


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
        found.append(row("built-in engines, between two turns", between_turns(card, seconds)))
        for name, settings in with_builtin().items():
            found.append(row(name, idle(card, settings, seconds)))
    return found


def row(name: str, measured: tuple[float, float]) -> Row:
    """What `taken` found."""
    share, held = measured
    return Row(name, (share,), "% of one core", notes={"memory": f"{held:,.0f} MiB"})


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
