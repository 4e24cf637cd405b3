"""What the endpointer hears, as events on the sample clock.

Every time is an absolute index of 16 kHz capture samples. The order within an utterance is
`SpeechStarted`, any number of `SpeechPaused` followed by `SpeechResumed`, then either
`UtteranceEnded` or `SpeechRejected`. `SpeechSuspected` comes before an utterance, if at all; either the
utterance or `SpeechDismissed` follows it.
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Somebody began to talk.

    Attributes:
        at: When that was decided.
        start: First sample of the utterance, pre-roll included.
    """

    at: int
    start: int


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """The first sign of silence; the utterance may or may not be over.

    Attributes:
        at: When that was decided.
        speech_end: The last voiced sample so far.
        brief: True while what was voiced is too short to be speech.
    """

    at: int
    speech_end: int
    brief: bool = False


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The pause was only a pause."""

    at: int


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The utterance is over.

    Attributes:
        at: When that was decided.
        start: First sample of the utterance, pre-roll included.
        speech_end: The last voiced sample: the moment the person stopped talking.
        forced: True when the length limit or a key ended it, not silence.
    """

    at: int
    start: int
    speech_end: int
    forced: bool = False


@dataclass(frozen=True, slots=True)
class SpeechRejected:
    """What began was too short to be speech."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechSuspected:
    """Something sounds that may become speech; most of what does is no more than a noise."""

    at: int


@dataclass(frozen=True, slots=True)
class SpeechDismissed:
    """What was suspected did not become speech."""

    at: int


SpeechEvent: TypeAlias = (
    SpeechSuspected
    | SpeechDismissed
    | SpeechStarted
    | SpeechPaused
    | SpeechResumed
    | UtteranceEnded
    | SpeechRejected
)
