"""What else went on while something was measured."""

import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

THROTTLES = "cpu[0-9]*/thermal_throttle/core_throttle_count"


@dataclass(slots=True)
class Surroundings:
    """Filled when the measurement is over.

    Attributes:
        busy: Share of a core that other processes took, or None where the system does not tell.
        collecting: Seconds of garbage collection in this process.
        throttled: How often a core was slowed down for being hot.
    """

    busy: float | None = None
    collecting: float = 0.0
    throttled: int = 0


@contextmanager
def watched() -> Iterator[Surroundings]:
    """Watch until the block ends."""
    found = Surroundings()
    began = 0.0

    def collected(phase: str, _: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.perf_counter()
        else:
            found.collecting += time.perf_counter() - began

    before, throttles, started = _computed(), _throttles(), time.perf_counter()
    gc.callbacks.append(collected)
    try:
        yield found
    finally:
        gc.callbacks.remove(collected)
        seconds = time.perf_counter() - started
        after = _computed()
        if before is not None and after is not None and seconds > 0:
            found.busy = max(0.0, (after[0] - before[0]) - (after[1] - before[1])) / seconds
        found.throttled = _throttles() - throttles


def _computed() -> tuple[float, float] | None:
    """Seconds that all processes and this one have computed, or None where the system does not tell."""
    try:
        fields = Path("/proc/stat").read_text("utf-8").split("\n", 1)[0].split()[1:]
    except OSError:
        return None
    ticks = [int(field) for field in fields]
    # user, nice, system, and further on irq, softirq; idle and iowait are left out.
    machine = (sum(ticks[:3]) + sum(ticks[5:7])) / os.sysconf("SC_CLK_TCK")
    return machine, time.process_time()


def _throttles() -> int:
    count = 0
    for path in Path("/sys/devices/system/cpu").glob(THROTTLES):
        try:
            count += int(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
    return count
