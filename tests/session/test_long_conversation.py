"""The two-hundredth turn starts as fast as the second."""

import statistics
from dataclasses import replace

from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.session import Session
from knik.session.setup import session_settings
from knik.trace.turns import Tracer
from tests.rig.micro.counted import CountedChat
from tests.rig.micro.models import SETTINGS

TURNS = 200
QUESTIONS = ("Good morning.", "How far is the moon?", "What is seven times eight?", "Tell me a joke.")


def test_the_two_hundredth_turn_evaluates_no_more_than_the_second() -> None:
    config = load(None, {}, SETTINGS).config
    engine = CountedChat()
    loaders = replace(engine_loaders(config, hears=False, speaks=False), chat=lambda: engine)
    settings = replace(session_settings(config), history_chars=1500)
    session = Session(loaders, None, None, settings, Tracer())
    with session:
        engine.prefilled.get(timeout=20)
        for turn in range(TURNS):
            session.type_line(QUESTIONS[turn % len(QUESTIONS)])
            engine.prefilled.get(timeout=20)
    assert len(session.history.exchanges) == TURNS
    costs = engine.before_first_word
    assert len(costs) == TURNS
    early, late = statistics.mean(costs[1:9]), statistics.mean(costs[-40:])
    assert late <= 1.2 * early
    # Not even the turn before which the oldest ones were left out pays for it.
    assert max(costs[1:]) <= 1.5 * max(costs[1:9])
