"""The chat model reads a long utterance while it is still being spoken."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.session import Session
from tests.rig.micro.counted import CountedChat
from tests.rig.micro.models import SETTINGS
from tests.rig.over_file import hold
from tests.rig.voices import silence, spoken


def reads(folder: Path, **flags: object) -> tuple[Session, list[str]]:
    """Say one long sentence; returns the ended session and the users' words that were prefilled."""
    # Slow enough for several rehearsals; whatever the micro model makes of it will do.
    sound = [silence(0.5), spoken("What is the capital of France?", "en-us+f2", speed=0.5), silence(3)]
    config = load(None, {}, {**SETTINGS, **flags}).config
    engine = CountedChat()
    loaders = replace(engine_loaders(config), chat=lambda: engine)
    session = hold(folder, np.concatenate(sound), config, loaders)
    messages = [engine.prefilled.get() for _ in range(engine.prefilled.qsize())]
    return session, [message.content for message in messages if message.role == "user"]


def test_a_long_utterance_is_prefilled_before_it_ends(tmp_path: Path) -> None:
    session, read = reads(tmp_path)
    assert read
    assert session.tracer.counters["rehearsals"] >= len(read)
    assert len(session.history.exchanges) == 1


def test_without_speculation_nothing_is_read_in_advance(tmp_path: Path) -> None:
    session, read = reads(tmp_path, **{"chat.speculate": False})
    assert read == []
    assert "rehearsals" not in session.tracer.counters
    assert len(session.history.exchanges) == 1
