"""Who speaks before the engines are loaded is heard all the same."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import soundfile

from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import WavDevice
from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer
from tests.rig.micro.models import SETTINGS
from tests.rig.micro.phrases import PHRASES
from tests.rig.voices import silence, spoken

EngineT = TypeVar("EngineT")
QUESTION = "How far is the moon?"
REPLY = next(phrase.reply for phrase in PHRASES if phrase.utterance == QUESTION)


def test_what_was_said_while_the_engines_load_is_answered_once_they_are_there(tmp_path: Path) -> None:
    said = [silence(0.1), spoken(QUESTION, "en-us+f2"), silence(1.5)]
    soundfile.write(tmp_path / "in.wav", np.concatenate(said), SAMPLE_RATE)
    config = load(None, {}, dict(SETTINGS)).config
    over = threading.Event()
    made: list[Session] = []
    seen_at_the_end: list[dict[str, object]] = []

    def late(loader: Callable[[], EngineT]) -> Callable[[], EngineT]:
        def load_late() -> EngineT:
            assert over.wait(30)
            return loader()

        return load_late

    def input_ended() -> None:
        seen_at_the_end.append(dict(made[0].view().engines))
        over.set()
        made[0].end_when_quiet()

    device = WavDevice(
        tmp_path / "in.wav",
        None,
        realtime=True,
        on_input_end=input_ended,
        on_error=lambda error: made[0].fail(error),
    )
    loaders = engine_loaders(config)
    assert loaders.transcriber is not None
    assert loaders.synthesizer is not None
    loaders = replace(
        loaders,
        transcriber=late(loaders.transcriber),
        chat=late(loaders.chat),
        synthesizer=late(loaders.synthesizer),
    )
    made.append(Session(loaders, device, make_ears(config), session_settings(config), Tracer()))
    with made[0] as session:
        assert session.wait(60)
    assert seen_at_the_end == [{}]
    (exchange,) = session.history.exchanges
    assert (exchange.user, exchange.assistant.split()) == (QUESTION, REPLY.split())
    assert session.view().dropped_frames == 0
