"""Conversations in which knik talks all the time, and what happens when somebody speaks, coughs or bangs."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.room_device import RoomDevice
from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.config.load import load
from knik.config.schema import Config
from knik.engines.protocols import EngineInfo, Message
from knik.session.assembly import synthesizer_loader, transcriber_loader
from knik.session.pipeline import EngineLoaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer
from tests.rig.micro.models import SETTINGS as MICRO
from tests.rig.room.echo_path import EchoPath

KNIK: Mapping[str, object] = {}
FRAMEWORK: Mapping[str, object] = {
    "endpoint.onset_ms": 500,
    "endpoint.silence_ms": 500,
    "endpoint.adaptive": False,
    "barge_in.duck_db": 0.0,
    "barge_in.grace_ms": 2000,
}
"""The best-known framework's defaults: 0.5 s of speech before it lets itself be interrupted, 2 s before it
resumes after a false alarm, 0.5 s of silence at the end of every turn; it does not duck."""

SETTINGS: Mapping[str, object] = {
    **{key: value for key, value in MICRO.items() if key.startswith("stt.")},
    "tts.engine": "espeak",
    "tts.fillers": False,
    "chat.reflexes": False,
}

SENTENCES = (
    "The capital of France is Paris, on the river Seine, where about two million people live.",
    "The moon is about three hundred and eighty thousand kilometres away, and light takes a second.",
    "For a soft egg I would say six minutes, and for a hard one let it boil for ten.",
    "It is cold outside today and there may be rain, so take a warm coat with you.",
    "Rome began as a village on seven hills, and its roads reached from Scotland to Syria.",
    "A small fox lived at the edge of a great forest, and walked down to the river every morning.",
)


class Talker:
    """A chat model that always has something to say: half a minute of it."""

    info = EngineInfo("talker", "always has something to say")

    def __init__(self) -> None:
        self._sentences = itertools.cycle(SENTENCES)

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> bool:  # noqa: ARG002
        """There is nothing to read."""
        return False

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:  # noqa: ARG002
        """Sentence after sentence."""
        for sentence in itertools.islice(self._sentences, 5):
            cancel.check()
            yield f"{sentence} "

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What the dialogue did, and when on the device's clock.

    Attributes:
        kind: "duck", "hold", "resume", or a turn's outcome.
        at: Seconds.
        detail: Why a turn ended.
    """

    kind: str
    at: float
    detail: str = ""


class Watch(Tracer):
    """A tracer that keeps the times."""

    def __init__(self, clock: Callable[[], float], on_answered: Callable[[], None]) -> None:
        super().__init__()
        self._clock = clock
        self._on_answered = on_answered
        self.happenings: list[Happening] = []

    def count(self, name: str, by: int = 1) -> None:
        """As the tracer, with the time of what concerns barge-in."""
        super().count(name, by)
        if name.startswith("barge-in: "):
            self.happenings.append(Happening(name.removeprefix("barge-in: "), self._clock()))

    def finish(self, turn: int, outcome: str, reason: str = "", assistant: str = "") -> None:
        """As the tracer, with the time."""
        super().finish(turn, outcome, reason, assistant)
        self.happenings.append(Happening(outcome, self._clock(), reason))
        if outcome == "answered":
            self._on_answered()


@dataclass(frozen=True, slots=True)
class Overtalk:
    """What came of a conversation.

    Attributes:
        happenings: In order.
        spoken: Seconds in which knik's voice was heard.
        notices: What the user was told.
    """

    happenings: tuple[Happening, ...]
    spoken: float
    notices: tuple[str, ...] = ()

    def first(self, kind: str, since: float, until: float) -> float | None:
        """When `kind` happened first between two times."""
        return next((h.at for h in self.happenings if h.kind == kind and since <= h.at < until), None)

    def of(self, kind: str) -> list[Happening]:
        """Everything of a kind."""
        return [h for h in self.happenings if h.kind == kind]


def configuration(settings: Mapping[str, object]) -> Config:
    """The configuration of one of the contestants."""
    return load(None, {}, {**SETTINGS, **settings}).config


def loaders(config: Config) -> EngineLoaders:
    """The micro Whisper, the talker and espeak-ng."""
    return EngineLoaders(transcriber_loader(config), Talker, synthesizer_loader(config))


def overtalk(
    near: Samples,
    path: EchoPath | None,
    settings: Mapping[str, object],
    echo_from: float = 0.0,
    *,
    told: bool = False,
) -> Overtalk:
    """Let knik talk while its microphone hears `near`, 16 kHz, and from a second on its own echo.

    With `told`, the system tells then that the sound goes elsewhere.
    """
    config = configuration(settings)
    made: list[Session] = []
    device = RoomDevice(
        near,
        path,
        settle=lambda: made[0].settle(),
        on_end=lambda: made[0].end(),
        on_error=lambda error: made[0].fail(error),
        echo_from=echo_from,
        on_moved=(lambda: made[0].device_moved()) if told else None,
    )
    watch = Watch(device.stream_time, lambda: made[0].type_line("go on"))
    ears = make_ears(
        config, echo=path is not None, notify=lambda note: made[0].journal.add("notice", 0, note)
    )
    made.append(Session(loaders(config), device, ears, session_settings(config), watch))
    with made[0] as session:
        # The ears, too, are loaded then.
        session.wait_until_listening()
        session.type_line("talk")
        device.begin()
        session.wait()
        notices = tuple(entry.text for entry in session.journal.since(0) if entry.kind == "notice")
    return Overtalk(tuple(watch.happenings), device.spoken_seconds, notices)
