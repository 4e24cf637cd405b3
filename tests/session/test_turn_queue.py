"""The queue between two workers."""

import threading

import pytest

from knik.cancel import Cancelled, CancelToken
from knik.session.gauge import WorkGauge
from knik.session.turn_queue import Closed, TurnQueue


def queue(capacity: int = 1) -> TurnQueue[str]:
    return TurnQueue(capacity, WorkGauge())


def test_items_come_out_in_order() -> None:
    items = queue(3)
    for name in "abc":
        items.put(name, CancelToken())
    assert [items.get() for _ in range(3)] == ["a", "b", "c"]


def test_a_full_queue_refuses_an_offer() -> None:
    items = queue()
    assert items.offer("a")
    assert not items.offer("b")


def test_cancelling_the_turn_frees_a_writer_that_waits_for_room() -> None:
    items = queue()
    items.offer("a")
    token = CancelToken()
    raised: list[type[BaseException]] = []

    def write() -> None:
        try:
            items.put("b", token)
        except Cancelled as error:
            raised.append(type(error))

    writer = threading.Thread(target=write)
    writer.start()
    token.cancel()
    writer.join(5)
    assert raised == [Cancelled]
    assert items.get() == "a"


def test_closing_frees_reader_and_writer() -> None:
    items = queue()
    raised: list[type[BaseException]] = []

    def read() -> None:
        try:
            items.get()
        except Closed as error:
            raised.append(type(error))

    reader = threading.Thread(target=read)
    reader.start()
    items.close()
    reader.join(5)
    assert raised == [Closed]
    with pytest.raises(Closed):
        items.offer("late")


def test_work_is_under_way_until_it_is_done() -> None:
    gauge = WorkGauge()
    items: TurnQueue[str] = TurnQueue(4, gauge)
    items.offer("a")
    settled = threading.Event()

    def settle() -> None:
        gauge.settle()
        settled.set()

    waiter = threading.Thread(target=settle)
    waiter.start()
    items.get()
    assert not settled.wait(0.05)
    items.done()
    assert settled.wait(5)
    waiter.join()
