"""Clauses as long as the voice can synthesise in time, in a whole session with real engines."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from knik.cancel import CancelToken
from knik.config.load import load
from knik.engines.protocols import SpeechChunk, Synthesizer, VoiceSettings
from knik.session.assembly import engine_loaders
from tests.rig.micro.models import SETTINGS
from tests.rig.over_file import hold
from tests.rig.voices import silence, spoken

SECONDS_PER_CHARACTER = 0.04


class SlowVoice:
    """The real voice, on a machine that needs half of a clause's length to synthesise it."""

    def __init__(self, engine: Synthesizer) -> None:
        self._engine = engine
        self.info = engine.info
        self.sample_rate = engine.sample_rate
        self.voices = engine.voices
        self.close = engine.close

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        threading.Event().wait(SECONDS_PER_CHARACTER * len(text))
        yield from self._engine.synthesize(text, settings, cancel)


def clauses(folder: Path, voice: Callable[[Synthesizer], Synthesizer]) -> list[str]:
    """What the micro models answer to "Tell me a story.", clause by clause."""
    sound = [silence(0.5), spoken("Tell me a story.", "en-us+f2"), silence(40)]
    config = load(None, {}, dict(SETTINGS)).config
    loaders = engine_loaders(config)
    speak = loaders.synthesizer
    assert speak is not None
    loaders = replace(loaders, synthesizer=lambda: voice(speak()))
    session = hold(folder, np.concatenate(sound), config, loaders, patience=90)
    return [entry.text for entry in session.journal.since(0) if entry.kind == "clause"]


def test_where_the_voice_is_slow_its_clauses_are_short_at_first_and_grow(tmp_path: Path) -> None:
    quick, slow = clauses(tmp_path, lambda engine: engine), clauses(tmp_path, SlowVoice)
    assert " ".join(slow) == " ".join(quick)
    assert quick[:2] == ["Once upon a time,", "a small fox lived at the edge of a great forest."]
    assert len(slow[1]) < 30
    assert len(slow) > len(quick)
    assert max(map(len, slow[:3])) < max(map(len, slow[3:]))
