"""What a reflex knows, says and does."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class ReflexContext:
    """What an answer may depend on.

    Attributes:
        now: The local time.
        last_reply: What was heard of the last reply.
        speed: The present speed of the voice.
    """

    now: datetime
    last_reply: str
    speed: float


@dataclass(frozen=True, slots=True)
class SetTimer:
    """In `seconds`, say `label`."""

    seconds: float
    label: str


@dataclass(frozen=True, slots=True)
class CancelTimers:
    """Forget all timers."""


@dataclass(frozen=True, slots=True)
class ChangeSpeed:
    """Speak at this speed from now on, 0.5 to 2.0."""

    speed: float


@dataclass(frozen=True, slots=True)
class StopSpeaking:
    """Be silent; the interruption itself has already stopped the voice."""


@dataclass(frozen=True, slots=True)
class EndSession:
    """End the conversation once the answer was heard."""


Effect: TypeAlias = SetTimer | CancelTimers | ChangeSpeed | StopSpeaking | EndSession


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say (nothing, if empty) and what to do."""

    text: str
    effects: tuple[Effect, ...] = ()
