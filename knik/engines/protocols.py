"""What the rest of knik knows of an engine.

An engine is a guest: one module behind one of these protocols. Engines are built on the thread that
loads them and then used by exactly one worker thread; only `CancelToken.cancel` reaches them from
another. Every method that takes a token returns or raises `knik.cancel.Cancelled` promptly after the
token is cancelled. An engine that cannot do its work raises `knik.errors.KnikError`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.errors import KnikError


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What the screen says of an engine.

    Attributes:
        name: Short name, such as "faster-whisper" or "espeak-ng".
        detail: Model, device and precision, such as "base.en int8 on CPU".
        builtin: True for the engines that need no models; the screen then says so.
    """

    name: str
    detail: str = ""
    builtin: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it lies, in seconds from the start of the audio it belongs to."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a transcriber heard in one utterance.

    Attributes:
        text: The words, empty when nothing was said.
        words: Word timings where the engine gives them, else empty.
        rejected: Why the engine's text was thrown away ("no speech", "low probability",
            "repetition", "known phrase"), or an empty string. `text` is empty when this is set.
        language: ISO 639-1 code, or an empty string when unknown.
        finished: Probability from 0 to 1 that the speaker has finished, by the sound of it; None where
            nothing judges that.
    """

    text: str
    words: tuple[Word, ...] = ()
    rejected: str = ""
    language: str = ""
    finished: float | None = None


class TurnDetector(Protocol):
    """Judges by its sound if an utterance is finished."""

    def finished(self, audio: Samples) -> float:
        """The probability from 0 to 1, for mono float32 at 16 kHz, shape (n,), n >= 1."""
        ...


class Spotter(Protocol):
    """Knows a phrase by its sound."""

    def heard(self, audio: Samples) -> int | None:
        """Where it ended in an utterance, mono float32 at 16 kHz, shape (n,), or None if it was not said."""
        ...


class Transcriber(Protocol):
    """Speech to text."""

    @property
    def info(self) -> EngineInfo: ...

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:
        """Transcribe one utterance: mono float32 at 16 kHz, shape (n,), n >= 1.

        `recent` is what was said just before, whose words may come again; an engine may ignore it.
        """
        ...

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        ...


Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation as the chat model sees it."""

    role: Role
    content: str


class ContextFull(KnikError):  # noqa: N818 - a full context is handled, not reported
    """The conversation does not fit into the chat model's context; a shorter one may."""


class ChatModel(Protocol):
    """Text to text."""

    @property
    def info(self) -> EngineInfo: ...

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        """Yield the reply piece by piece (tokens or larger). `messages` ends with the user's.

        Raises:
            ContextFull: Before the first piece, when the messages are too long.
        """
        ...

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> bool:
        """Evaluate a prefix that later calls will share; False where there is nothing to gain."""
        ...

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        ...


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """How to speak.

    Attributes:
        voice: Name of a voice, a blend such as "af_sky:0.6,bf_emma:0.4", or "" for the engine's own.
        speed: 1.0 is the voice's own pace; 0.5 to 2.0.
        language: BCP 47 code such as "en-us", or "" for the voice's own.
    """

    voice: str = ""
    speed: float = 1.0
    language: str = ""


@dataclass(frozen=True, slots=True)
class SpeechChunk:
    """A piece of synthesised speech.

    Attributes:
        samples: Mono float32 at the synthesizer's `sample_rate`, shape (n,).
        words: Timings of words that start in this chunk, in seconds from the start of the clause;
            empty where the engine gives none.
    """

    samples: Samples
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """A voice the synthesizer can speak with."""

    name: str
    language: str = ""
    description: str = ""


class Synthesizer(Protocol):
    """Text to speech."""

    @property
    def info(self) -> EngineInfo: ...

    @property
    def sample_rate(self) -> int:
        """Hz of every chunk."""
        ...

    def voices(self) -> Sequence[VoiceInfo]:
        """The voices there are, in the order to list them."""
        ...

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        """Speak one clause of speech-ready text, in chunks as they become ready."""
        ...

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        ...
