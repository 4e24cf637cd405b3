"""What callbacks, workers and the user tell the ears thread, beside the dialogue's own events."""

import threading
from dataclasses import dataclass
from typing import TypeAlias

from knik.dialogue.events import Event
from knik.dialogue.reflex import Effect
from knik.session.playback import PlaybackNote


@dataclass(frozen=True, slots=True)
class ClauseWritten:
    """The reply of a turn goes on with `text`."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class ReplyWritten:
    """The reply of a turn is complete, and nobody will speak it."""

    turn: int


@dataclass(frozen=True, slots=True)
class EffectsReady:
    """The reply of a turn wants these things done once the turn is released."""

    turn: int
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class ReplyBegun:
    """The chat model has begun with the reply: no reflex knows the answer."""

    turn: int


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was heard so far of an utterance that went on; empty when it could not be transcribed.

    Attributes:
        start: First sample of the utterance.
        text: What was heard.
        seconds: What the transcription took.
    """

    start: int
    text: str
    seconds: float


@dataclass(frozen=True, slots=True)
class HistoryTooLong:
    """The chat model cannot take as much of the conversation as it was given."""


@dataclass(frozen=True, slots=True)
class TalkKey:
    """The push-to-talk key: it starts an utterance or ends the one that it started."""


@dataclass(frozen=True, slots=True)
class SpeedChosen:
    """Speak at this speed from the next reply on."""

    speed: float


@dataclass(frozen=True, slots=True)
class VoiceChosen:
    """Speak with this voice from the next reply on."""

    voice: str


@dataclass(frozen=True, slots=True)
class ForgetAll:
    """Begin the conversation anew."""


@dataclass(frozen=True, slots=True)
class DeviceMoved:
    """Microphone or speaker are other ones now."""


@dataclass(frozen=True, slots=True)
class InputEnded:
    """No more input will come: end the conversation once the last reply was heard."""


@dataclass(frozen=True, slots=True)
class WhenListening:
    """Set `event` as soon as nobody speaks and nothing is being answered."""

    event: threading.Event


@dataclass(frozen=True, slots=True)
class Nudge:
    """Look whether there is sound to hear."""


Message: TypeAlias = (
    Event
    | PlaybackNote
    | ClauseWritten
    | ReplyWritten
    | EffectsReady
    | ReplyBegun
    | Rehearsed
    | HistoryTooLong
    | TalkKey
    | SpeedChosen
    | VoiceChosen
    | ForgetAll
    | DeviceMoved
    | InputEnded
    | WhenListening
    | Nudge
)
