"""The two-hundredth turn starts as fast as the second."""

import queue
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace

from knik.cancel import CancelToken
from knik.config.load import load
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message
from knik.session.assembly import engine_loaders, session_settings
from knik.session.session import Session
from knik.trace.turns import Tracer
from tests.rig.micro.models import LLAMA, SETTINGS

TURNS = 200
QUESTIONS = ("Good morning.", "How far is the moon?", "What is seven times eight?", "Tell me a joke.")


class Counted(LlamaCppChat):
    """The real engine, with what every reply had to evaluate before its first word."""

    def __init__(self) -> None:
        super().__init__(LLAMA, context=1024, threads=2, temperature=0.0)
        self.before_first_word: list[int] = []
        self.prepared: queue.Queue[None] = queue.Queue()

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        before = self.evaluated_tokens
        pieces = super().stream(messages, cancel)
        first = next(pieces)
        self.before_first_word.append(self.evaluated_tokens - before)
        yield first
        yield from pieces

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> None:
        super().prefill(messages, cancel)
        self.prepared.put(None)


def test_the_two_hundredth_turn_evaluates_no_more_than_the_second() -> None:
    config = load(None, {}, SETTINGS).config
    engine = Counted()
    loaders = replace(
        engine_loaders(config, hears=False, speaks=False), chat=lambda: engine, synthesizer=None
    )
    settings = replace(session_settings(config), history_chars=1500)
    session = Session(loaders, None, None, settings, Tracer())
    with session:
        engine.prepared.get(timeout=20)
        for turn in range(TURNS):
            session.type_line(QUESTIONS[turn % len(QUESTIONS)])
            engine.prepared.get(timeout=20)
    assert len(session.history.exchanges) == TURNS
    costs = engine.before_first_word
    assert len(costs) == TURNS
    early, late = statistics.mean(costs[1:9]), statistics.mean(costs[-40:])
    assert late <= 1.2 * early
    # Not even the turn before which the oldest ones were left out pays for it.
    assert max(costs[1:]) <= 1.5 * max(costs[1:9])
