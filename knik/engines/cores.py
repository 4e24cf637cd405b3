"""How many threads an engine should compute with."""

import os
from pathlib import Path

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
    """Let OpenMP's threads sleep while they wait for each other; call before a library brings OpenMP.

    By default they spin, for milliseconds. While another engine computes on the same cores, each of the
    many barriers of a token then waits for a thread that got no turn: a hundred times slower or worse.
    The variable is left alone where the user has set it.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _siblings(cpu: int) -> str:
    try:
        return (_TOPOLOGY / f"cpu{cpu}" / "topology" / "thread_siblings_list").read_text().strip()
    except OSError:
        return str(cpu)


def compute_threads(threads: int) -> int:
    """`threads`, or for 0 one a physical core, at most four: small models gain nothing from more."""
    return threads or min(4, physical_cores())
