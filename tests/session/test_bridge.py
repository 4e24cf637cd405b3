"""A late answer is bridged, in a whole session with real engines."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from knik.cancel import CancelToken
from knik.config.load import load
from knik.dialogue.fillers import LATE
from knik.engines.protocols import Message
from knik.session.assembly import engine_loaders
from tests.rig.micro.counted import CountedChat
from tests.rig.micro.models import SETTINGS
from tests.rig.over_file import hold
from tests.rig.voices import silence, spoken

TURNS = 6


class SlowChat(CountedChat):
    """As slow as a large model on a small machine."""

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        threading.Event().wait(1.2 * LATE)
        yield from super().stream(messages, cancel)


def fillers(folder: Path, chat: type[CountedChat], **flags: object) -> int:
    """How many fillers were said in a conversation of `TURNS` turns."""
    question = spoken("Who are you?", "en-us+f2")
    sound = np.concatenate([silence(0.5), *[question, silence(9)] * TURNS])
    # In file time nothing is ever late; without speculation the question waits for its answer all the same.
    config = load(None, {}, {**SETTINGS, "chat.speculate": False, **flags}).config
    loaders = replace(engine_loaders(config), chat=chat)
    session = hold(folder, sound, config, loaders)
    assert [trace.outcome for trace in session.tracer.finished] == ["answered"] * TURNS
    assert all("Let me see" not in exchange.assistant for exchange in session.history.exchanges)
    return session.tracer.counters.get("fillers", 0)


def test_late_answers_are_bridged_every_other_turn_once_they_can_be_predicted(tmp_path: Path) -> None:
    # Three answers have to be known first; then the fourth and the sixth.
    assert fillers(tmp_path, SlowChat) == 2


def test_quick_answers_are_not_bridged(tmp_path: Path) -> None:
    assert fillers(tmp_path, CountedChat) == 0


def test_fillers_are_off_with_one_key(tmp_path: Path) -> None:
    assert fillers(tmp_path, SlowChat, **{"tts.fillers": False}) == 0
