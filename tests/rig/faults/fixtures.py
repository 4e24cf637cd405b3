"""Each fault is one fixture."""

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import pytest

from knik.audio.device import AudioDevice
from knik.session.pipeline import EngineLoaders
from tests.engines.http_stub import Exchange, delta, serving
from tests.rig.faults import engines
from tests.rig.faults.devices import Trouble, TroubledDevice

Break = Callable[..., EngineLoaders]
"""(loaders, stage, at=1) -> loaders: the stage's engine goes wrong at call number `at`."""

BreakDevice = Callable[[AudioDevice, float, float], AudioDevice]
"""(device, from, until) -> device; in seconds on its clock."""


@pytest.fixture
def stalling_engine() -> Break:
    """An engine that does nothing until its turn is cancelled."""
    return partial(engines.broken, fault=engines.stall)


@pytest.fixture
def raising_engine() -> Break:
    """An engine with a bug."""
    return partial(engines.broken, fault=engines.fail)


@pytest.fixture
def garbage_engine() -> Break:
    """An engine whose results are of no use."""
    return partial(engines.broken, fault=engines.garbage)


@pytest.fixture
def dying_engine() -> Break:
    """An engine that takes its thread along."""
    return partial(engines.broken, fault=engines.die)


@pytest.fixture
def vanishing_device() -> BreakDevice:
    """A device that is unplugged for a while: (device, from, until)."""
    return lambda device, start, end: TroubledDevice(device, Trouble(gone=(start, end)))


@pytest.fixture
def rate_changing_device() -> Callable[[AudioDevice, float], AudioDevice]:
    """A microphone that turns to 8 kHz: (device, from)."""
    return lambda device, start: TroubledDevice(device, Trouble(narrow=start))


@pytest.fixture
def underrunning_device() -> BreakDevice:
    """A device that loses blocks for a while: (device, from, until)."""
    return lambda device, start, end: TroubledDevice(device, Trouble(dry=(start, end)))


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """Until the block ends no file of this process grows beyond so many bytes; writing more fails as on a
    full disk (EFBIG stands for ENOSPC; both are OSErrors of write)."""
    return _full_disk


@contextmanager
def _full_disk(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def dropping_server() -> Iterator[str]:
    """A chat server that drops the connection in the middle of its second reply; its address."""
    asked = 0

    def answer(exchange: Exchange) -> None:
        nonlocal asked
        asked += 1
        exchange.start()
        exchange.chunk(delta("The answer is "))
        if asked == 2:
            exchange.drop()
            return
        exchange.chunk(delta("forty two."))
        exchange.chunk(b"data: [DONE]\n\n")
        exchange.end()

    with serving(answer) as server:
        yield server.url
