"""A scene: people, loudspeaker and noise at given times, rendered with the truth about them."""

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import soxr

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.bench.levels import at_snr
from knik.bench.noise import NOISES
from knik.cancel import CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.protocols import VoiceSettings
from tests.rig.room.bangs import BANGS
from tests.rig.room.echo_path import EchoPath

RATE = SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of the near-end talker, spoken by espeak-ng.

    Attributes:
        text: The words.
        at: Second at which its sound begins.
        voice: Of espeak-ng.
        speed: 1.0 is the voice's own pace.
    """

    text: str
    at: float
    voice: str = "en-us+f2"
    speed: float = 0.9


@dataclass(frozen=True, slots=True)
class Banged:
    """One of `BANGS` at a second."""

    kind: str
    at: float
    seed: int = 0


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """When a word was in the air, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Air:
    """What a scene sounds like, 16 kHz, and who is which part of it.

    Attributes:
        microphone: The sum of the other three.
        near: The talker and the bangs.
        echo: What the microphone hears of the loudspeaker.
        noise: The background.
        words: The talker's words in order.
    """

    microphone: Samples
    near: Samples
    echo: Samples
    noise: Samples
    words: tuple[SpokenWord, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Rendered the same each time in a process.

    Attributes:
        seconds: Its length.
        said: The near-end talker's sentences.
        banged: Sounds that are no speech.
        far: What the assistant plays, 16 kHz, from the beginning; shorter than the scene or as long.
        path: From the loudspeaker to the microphone; None for headphones.
        noise: One of `NOISES`, or "" for silence.
        snr_db: Of the talker's active level over the noise.
        level: Peak of the talker.
        seed: Of the noise.
    """

    seconds: float
    said: tuple[Said, ...] = ()
    banged: tuple[Banged, ...] = ()
    far: Samples = field(default_factory=lambda: np.zeros(0, np.float32))
    path: EchoPath | None = None
    noise: str = ""
    snr_db: float = 20.0
    level: float = 0.3
    seed: int = 1

    def render(self) -> Air:
        """Sound and truth."""
        size = round(self.seconds * RATE)
        speech, words = self._speech(size)
        echo = self.path.apply(_fitted(self.far, size), RATE) if self.path else np.zeros(size, np.float32)
        noise = self._noise(size, speech)
        near = speech + self._bangs(size)
        return Air(near + echo + noise, near, echo, noise, tuple(words))

    def _speech(self, size: int) -> tuple[Samples, list[SpokenWord]]:
        speech = np.zeros(size, np.float32)
        words: list[SpokenWord] = []
        for said in self.said:
            samples, spoken = speak(said)
            start = round(said.at * RATE)
            part = samples[: max(0, size - start)]
            speech[start : start + part.size] += part * np.float32(self.level)
            words += [SpokenWord(w.text, said.at + w.start, said.at + w.end) for w in spoken]
        return speech, words

    def _bangs(self, size: int) -> Samples:
        out = np.zeros(size, np.float32)
        for banged in self.banged:
            sound = BANGS[banged.kind](RATE, banged.seed)
            start = round(banged.at * RATE)
            part = sound[: max(0, size - start)]
            out[start : start + part.size] += part
        return out

    def _noise(self, size: int, speech: Samples) -> Samples:
        if not self.noise:
            return np.zeros(size, np.float32)
        noise = _fitted(NOISES[self.noise](self.seconds, RATE, self.seed), size)
        # Where nobody talks, a talker of the usual level is meant.
        talker = speech if speech.any() else speak(Said("what time is it", 0.0))[0] * np.float32(self.level)
        return at_snr(noise, talker, self.snr_db, RATE)


def speak(said: Said) -> tuple[Samples, list[SpokenWord]]:
    """A sentence that begins with its first sound, with a peak of 1, and when its words are in it."""
    return _speak(said.text, said.voice, said.speed)


@cache
def _speak(text: str, voice: str, speed: float) -> tuple[Samples, list[SpokenWord]]:
    """Once in a process: espeak-ng takes the phase of its voice along from sentence to sentence, so that
    the same words never have quite the same samples."""
    engine = EspeakSynthesizer()
    chunks = list(engine.synthesize(text, VoiceSettings(voice, speed), CancelToken()))
    words = [SpokenWord(w.text, w.start, w.end) for chunk in chunks for w in chunk.words]
    raw = np.concatenate([chunk.samples for chunk in chunks])
    samples = np.asarray(soxr.resample(raw, engine.sample_rate, RATE), np.float32)
    samples /= np.max(np.abs(samples))
    lead = int(np.flatnonzero(np.abs(samples) > 0.01)[0])
    shift = lead / RATE
    return samples[lead:], [SpokenWord(w.text, max(0.0, w.start - shift), w.end - shift) for w in words]


def _fitted(samples: Samples, size: int) -> Samples:
    out = np.zeros(size, np.float32)
    out[: samples.size] = samples[:size]
    return out
