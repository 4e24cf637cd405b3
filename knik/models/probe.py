"""A short look at how fast the cores compute and read together, on which predictions rest."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from knik.models.hardware import cores

THREADS = 4
"""At most so many compute at once, as with knik's engines."""
TRIES = 5
SIDE = 64
"""Of the matrices: small enough that the library computes each on one core."""

Task = tuple[Callable[[], object], float]
"""Something to do, and how much it is in 10^9 units."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Of all the cores that an engine gets, together.

    Attributes:
        gflops: 10^9 multiplications and additions of single precision in a second, in matrix products
            that stay in the cache.
        gbytes: 10^9 bytes read from memory in a second.
    """

    gflops: float
    gbytes: float


def probe(seconds: float = 0.5) -> Speed:
    """Measure for about so many seconds.

    All cores work at once: two that share a unit are not twice as fast as one, and only this shows it.
    Time that the system gave to other programs does not count. Computers that share their memory with others
    read at speeds that change from moment to moment, so the median of some tries is taken.
    """
    threads = min(THREADS, cores())
    return Speed(
        _usual([_multiply() for _ in range(threads)], seconds / 2),
        _usual([_read() for _ in range(threads)], seconds / 2),
    )


def _multiply() -> Task:
    random = np.random.default_rng(0)
    one, other = random.random((2, 64, SIDE, SIDE), np.float32)
    out = np.empty_like(one)
    return lambda: np.matmul(one, other, out=out), 64 * 2 * SIDE**3 / 1e9


def _read() -> Task:
    # Larger than most caches, or it would be the cache that is measured; in pieces that take a moment each.
    pieces = np.split(np.ones(96 << 20, np.uint8), 48)
    place = iter(range(1 << 40))
    return lambda: pieces[next(place) % len(pieces)].max(), len(pieces[0]) / 1e9


def _usual(tasks: list[Task], seconds: float) -> float:
    return statistics.median(_together(tasks, seconds / TRIES) for _ in range(TRIES))


def _together(tasks: list[Task], seconds: float) -> float:
    """10^9 units a second that all threads do together, by the time that the processor gave to each."""
    rates = [0.0] * len(tasks)
    gate = threading.Barrier(len(tasks))

    def work(number: int) -> None:
        run, amount = tasks[number]
        run()
        gate.wait()
        done, began, end = 0, time.thread_time(), time.perf_counter() + seconds
        while time.perf_counter() < end:
            run()
            done += 1
        rates[number] = done * amount / max(time.thread_time() - began, 1e-9)

    workers = [threading.Thread(target=work, args=(n,), name=f"probe {n}") for n in range(len(tasks))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(rates)
