"""Real engines that go wrong at a chosen call."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from knik.cancel import CancelToken
from knik.engines.protocols import SpeechChunk, Transcript
from knik.session.pipeline import EngineLoaders

Stage = Literal["transcriber", "chat", "synthesizer"]
METHODS: dict[Stage, str] = {"transcriber": "transcribe", "chat": "stream", "synthesizer": "synthesize"}

Fault = Callable[[Stage, CancelToken], Any]
"""Takes the place of a call: gets the stage and the call's token."""


class Faulty:
    """The engine itself, but for call number `at` of its method, which `fault` takes over."""

    def __init__(self, engine: Any, stage: Stage, fault: Fault, at: int) -> None:
        self._engine, self._stage, self._fault, self._at = engine, stage, fault, at
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._engine, name)
        if name != METHODS[self._stage]:
            return found

        def call(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == self._at:
                (cancel,) = (one for one in arguments if isinstance(one, CancelToken))
                return self._fault(self._stage, cancel)
            return found(*arguments)

        return call


def broken(loaders: EngineLoaders, stage: Stage, fault: Fault, at: int) -> EngineLoaders:
    """Loaders of which one engine goes wrong."""
    load = getattr(loaders, stage)
    return replace(loaders, **{stage: lambda: Faulty(load(), stage, fault, at)})


def stall(stage: Stage, cancel: CancelToken) -> Any:
    """Do nothing until the turn is cancelled."""
    cancelled = threading.Event()
    cancel.on_cancel(cancelled.set)
    cancelled.wait(60)
    cancel.check()


def fail(stage: Stage, cancel: CancelToken) -> Any:
    """Raise what no engine should."""
    raise RuntimeError(f"the {stage} broke")


def die(stage: Stage, cancel: CancelToken) -> Any:
    """Raise what ends a thread."""
    raise SystemExit(f"the {stage} died")


def garbage(stage: Stage, cancel: CancelToken) -> Any:
    """Return what nobody can use."""
    if stage == "transcriber":
        return Transcript("\x00\x1b[2J \ud800\u202e" + "\ufffd" * 20_000)
    return iter(_nonsense()) if stage == "chat" else _noise()


def _nonsense() -> list[str]:
    return ["\x00", "\ud800", "\x1b[31m", "`" * 5000, "| | |\n" * 500, "<" * 3000, ""]


def _noise() -> Iterator[SpeechChunk]:
    yield SpeechChunk(np.zeros(0, np.float32))
    yield SpeechChunk(np.full(4800, np.nan, np.float32))
    yield SpeechChunk(np.array([np.inf, -np.inf, 1e30, -1e30], np.float32))
    yield SpeechChunk(np.full(4800, 0.25, np.float64))  # type: ignore[arg-type]
