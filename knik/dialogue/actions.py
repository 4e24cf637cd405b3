"""What the dialogue wants done: the output of `knik.dialogue.turns.step`.

The session carries actions out in the order given. Work for a turn that was cancelled meanwhile is
dropped by the session, and events about it by the dialogue.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome = Literal["answered", "interrupted", "resumed", "empty", "failed"]
"""How a turn ended: heard to its end; cut off by the user; thrown away because the user went on
talking; nothing was said; a stage failed."""


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Transcribe capture samples [start, end) for the turn; answered by `Transcribed`."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reply:
    """Write and synthesise the reply to `text`, keeping its sound back until `Release`."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Say:
    """Synthesise `text` as it stands, keeping its sound back until `Release`."""

    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Commit:
    """The utterance is over: `text` is what the user said, it belongs into the history.

    Attributes:
        at: When the endpointer decided, or the line was entered.
        speech_end: The last voiced sample; equal to `at` for typed lines.
        voiced: False for typed lines.
    """

    turn: int
    text: str
    at: int
    speech_end: int
    voiced: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """Let the turn's sound out, from now on."""

    turn: int


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower the turn's voice while it goes on: somebody may be about to speak."""

    turn: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Silence the turn where it is, without ending it: somebody speaks."""

    turn: int


@dataclass(frozen=True, slots=True)
class Resume:
    """Nobody wanted the floor: raise the voice again, from the word at which it ducked if it was held."""

    turn: int


@dataclass(frozen=True, slots=True)
class Finish:
    """The turn is over: cancel what still works for it and keep what was heard of its reply."""

    turn: int
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Retract:
    """Take the turn's utterance out of the history: its words come again in a longer one."""

    turn: int


@dataclass(frozen=True, slots=True)
class EndSession:
    """The conversation is over."""


Action: TypeAlias = (
    Transcribe | Reply | Say | Commit | Release | Duck | Hold | Resume | Finish | Retract | EndSession
)
