"""The ring between the callbacks and the ears."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.ring import Ring


def count_up(start: int, size: int) -> np.ndarray:
    return np.arange(start, start + size, dtype=np.float32)


@given(
    st.integers(1, 20),
    st.lists(st.tuples(st.sampled_from(["write", "read"]), st.integers(0, 30)), max_size=60),
)
def test_it_behaves_like_a_bounded_queue(capacity: int, steps: list[tuple[str, int]]) -> None:
    ring = Ring(capacity)
    queue: list[float] = []
    offered = accepted = 0
    for step, size in steps:
        if step == "write":
            block = count_up(offered, size)
            fits = min(size, capacity - len(queue))
            assert ring.write(block) == fits
            queue += block[:fits].tolist()
            offered += size
            accepted += fits
        else:
            got = ring.read(size).tolist()
            assert got == queue[:size]
            del queue[: len(got)]
        assert ring.readable == len(queue)
        assert ring.written == accepted
        assert ring.dropped == offered - accepted


def test_what_was_read_is_not_overwritten_later() -> None:
    ring = Ring(4)
    ring.write(count_up(0, 4))
    first = ring.read(4)
    ring.write(count_up(10, 4))
    assert first.tolist() == [0, 1, 2, 3]


def test_nothing_is_lost_or_reordered_between_two_threads() -> None:
    ring = Ring(1_000)
    total = 200_000
    got: list[np.ndarray] = []
    failed = threading.Event()

    def produce() -> None:
        sent, size = 0, 0
        while sent < total and not failed.is_set():
            size = size % 160 + 1
            sent += ring.write(count_up(sent, min(size, total - sent)))

    producer = threading.Thread(target=produce)
    producer.start()
    try:
        received = 0
        while received < total:
            block = ring.read(137)
            assert np.array_equal(block, count_up(received, block.size))
            received += block.size
            got.append(block)
    finally:
        failed.set()
        producer.join(10)
    assert ring.readable == 0
    assert sum(block.size for block in got) == total
