"""How many threads an engine should compute with."""

import os
from pathlib import Path

SPINS = 300
"""Turns of libgomp's waiting loop (GOMP_SPINCOUNT, https://gcc.gnu.org/onlinedocs/libgomp/)."""

_TOPOLOGY = Path("/sys/devices/system/cpu")


def physical_cores() -> int:
    """Cores that this process may use, counting the hyperthreads of one core once.

    Matrix products keep a core's arithmetic units busy by themselves: a second thread on the same
    core only takes turns with the first. Where the system does not tell (anything but Linux), every
    processor counts.
    """
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    allowed = os.sched_getaffinity(0)
    return max(1, len({_siblings(cpu) for cpu in allowed}))


def share_cores() -> None:
    """Let OpenMP's threads soon sleep while they wait for each other; call before a library brings OpenMP.

    By default they spin, for milliseconds. While another engine computes on the same cores, each of the
    many barriers of a token then waits for a thread that got no turn: a hundred times slower or worse.
    To sleep at once, on the other hand, costs a token of a small model half its time again, because
    waking takes longer than most waits: a few microseconds of spinning get nearly all of that back
    (`SPINS`, measured with 0.5B on two cores: 16 ms a token against 26 without, and 14 with endless
    spinning). Variables that the user has set are left alone.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _siblings(cpu: int) -> str:
    try:
        return (_TOPOLOGY / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def compute_threads(threads: int) -> int:
    """`threads`, or for 0 one a physical core, at most four: small models gain nothing from more."""
    return threads or min(4, physical_cores())
