"""A conversation of three questions on the micro models, in which something goes wrong."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from knik.audio.device import AudioDevice
from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import WavDevice
from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.journal import Entry
from knik.session.pipeline import EngineLoaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer
from tests.rig.micro.models import SETTINGS
from tests.rig.micro.phrases import PHRASES
from tests.rig.voices import silence, spoken

QUESTIONS = ("Thank you.", "Flip a coin.", "Thank you.")
ANSWERS = {phrase.utterance: phrase.answer for phrase in PHRASES}
GAP = 9.0


def talk(
    folder: Path,
    *,
    breaks: Callable[[EngineLoaders], EngineLoaders] = lambda loaders: loaders,
    wraps: Callable[[AudioDevice], AudioDevice] = lambda device: device,
    realtime: bool = False,
    gap: float = GAP,
    **flags: object,
) -> Session:
    """Ask the three questions; returns the ended session, of which no thread is left."""
    before = set(threading.enumerate())
    sound = [silence(1.0)]
    for question in QUESTIONS:
        sound += [spoken(question, "en-us+f2"), silence(gap)]
    soundfile.write(folder / "in.wav", np.concatenate(sound), SAMPLE_RATE)
    config = load(None, {}, {**SETTINGS, "chat.speculate": False, **flags}).config
    made: list[Session] = []
    device = WavDevice(
        folder / "in.wav",
        None,
        realtime=realtime,
        settle=lambda: made[0].settle(),
        on_input_end=lambda: made[0].end_when_quiet(),
        on_error=lambda error: made[0].fail(error),
    )
    loaders = breaks(engine_loaders(config))
    made.append(Session(loaders, wraps(device), make_ears(config), session_settings(config), Tracer()))
    with made[0] as session:
        assert session.wait(60)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), thread.name
    return session


def told(session: Session, kind: str) -> list[str]:
    """The texts of one kind of journal entry."""
    return [entry.text for entry in entries(session) if entry.kind == kind]


def entries(session: Session) -> list[Entry]:
    """Everything that a screen was told."""
    return session.journal.since(0)


def last_turn(session: Session) -> tuple[str, str]:
    """What the user said last, and what was heard of the answer."""
    last = session.history.exchanges[-1]
    return last.user, last.assistant
