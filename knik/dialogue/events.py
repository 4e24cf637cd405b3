"""What happens to a dialogue: the input of `knik.dialogue.turns.step`.

The speech events come from the endpointer (`knik.audio.speech_events`); those below come from typed
input, from the workers and from playback. `at` is an absolute index of 16 kHz capture samples.
"""

from dataclasses import dataclass
from typing import TypeAlias

from knik.audio.speech_events import SpeechEvent


@dataclass(frozen=True, slots=True)
class Transcribed:
    """Transcription of a turn's audio is done; `text` is empty when nothing was said.

    `finished` is the probability that the speaker has finished, by the sound, or None.
    """

    turn: int
    text: str
    rejected: str = ""
    finished: float | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """The user entered a line instead of speaking."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Announced:
    """knik itself has something to say, such as a timer that ended."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The user asked for silence by a key or a command."""

    at: int


@dataclass(frozen=True, slots=True)
class LastTurn:
    """The reply of this turn ends the conversation once it is heard."""

    turn: int


@dataclass(frozen=True, slots=True)
class PlaybackStarted:
    """The first sample of the turn's reply left the speaker at `at`."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """The last sample of the turn's reply left the speaker at `at`, or it had none."""

    turn: int
    at: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A stage of the turn could not do its work; `message` is for the user."""

    turn: int
    stage: str
    message: str


@dataclass(frozen=True, slots=True)
class TimePassed:
    """It is `at` now; nothing else has happened."""

    at: int


Event: TypeAlias = (
    SpeechEvent
    | Transcribed
    | Typed
    | Announced
    | StopRequested
    | LastTurn
    | PlaybackStarted
    | PlaybackFinished
    | Failed
    | TimePassed
)
