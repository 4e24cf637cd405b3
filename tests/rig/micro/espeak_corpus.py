"""Utterances as many people would say them in many rooms, all spoken by espeak-ng, all from a seed."""

import ctypes
from collections import deque
from dataclasses import dataclass, replace

import espeakng_loader
import numpy as np
import soxr

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.protocols import VoiceSettings, Word
from tests.rig.micro import whisper_sounds

ACCENTS = ("en-us", "en-us", "en-us", "en-gb", "en-gb-x-gbclan", "en-us-nyc")
VARIANTS = ("", "", "m1", "m3", "m4", "m6", "m7", "m8", "f1", "f3", "f4", "f5", "croak")
VOICES = tuple(f"{accent}+{variant}".rstrip("+") for accent in ACCENTS for variant in VARIANTS)
"""To train with, each as often as it is to be drawn."""
SLOWEST, FASTEST = 0.71, 1.3
"""Speeds to train with: 120 to 220 words a minute."""
HELD_BACK_VOICES = ("en-us+f2", "en-us+m2", "en-gb+f2", "en-gb-x-rp")
HELD_BACK_SPEEDS = (0.85, 1.06, 1.18)
HELD_BACK_MARGIN = 0.02
"""No speed this close to one held back is trained with."""

CROWD = 8
"""Talkers whose voices make a babble."""

_TAIL = 0.12
"""Seconds of silence that the synthesizer leaves after the last word."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech and what is said when.

    Attributes:
        samples: At 16 kHz.
        text: The words.
        anchors: Places in the text and when they are said: (index of the character, seconds), both
            rising, the last one at the end of the text.
    """

    samples: Samples
    text: str
    anchors: tuple[tuple[int, float], ...]

    def when(self, character: int) -> float:
        """Seconds at which a character of the text is reached."""
        places, times = zip(*self.anchors, strict=True)
        return float(np.interp(character, places, times))

    def after(self, seconds: float) -> tuple[tuple[int, float], ...]:
        """The anchors of the clip when it is said that much later."""
        return tuple((place, time + seconds) for place, time in self.anchors)


class Corpus:
    """Speaks and disturbs; every random choice comes from `seed`."""

    def __init__(self, seed: int) -> None:
        self._engine = EspeakSynthesizer()
        # The breath of its voices is random, too; the library itself begins with the time of day.
        ctypes.CDLL(espeakng_loader.get_library_path()).espeak_ng_SetRandSeed(ctypes.c_long(seed))
        self._random = np.random.default_rng(seed)
        self._crowd: deque[Samples] = deque(maxlen=CROWD)

    def say(self, text: str, voice: str, speed: float, pitch: float = 1.0) -> Clip:
        """Clean speech with a peak of 0.5.

        Args:
            text: The words.
            voice: espeak-ng's name such as "en-us+f3".
            speed: 1.0 is 170 words a minute.
            pitch: Factor on all frequencies; the speed stays.
        """
        settings = VoiceSettings(voice, speed / pitch)
        chunks = list(self._engine.synthesize(text, settings, CancelToken()))
        spoken = np.concatenate([chunk.samples for chunk in chunks])
        seconds = spoken.size / self._engine.sample_rate / pitch
        samples: Samples = soxr.resample(spoken, self._engine.sample_rate * pitch, SAMPLE_RATE)
        words = [word for chunk in chunks for word in chunk.words]
        anchors = _anchors(text, words, pitch, seconds - _TAIL / pitch)
        return Clip(samples * np.float32(0.5 / np.max(np.abs(samples))), text, anchors)

    def anyone(self, text: str) -> Clip:
        """The text in a voice and at a speed that are there to train with."""
        random = self._random
        pitch = random.uniform(0.93, 1.08) if random.random() < 0.5 else 1.0
        return self.say(text, str(random.choice(VOICES)), self.training_speed(), pitch)

    def training_speed(self) -> float:
        """A speed that is there to train with."""
        while True:
            speed = float(self._random.uniform(SLOWEST, FASTEST))
            if min(abs(speed - held) for held in HELD_BACK_SPEEDS) >= HELD_BACK_MARGIN:
                return speed

    def stranger(self, text: str) -> Clip:
        """The text in a voice and at a speed that no training has seen."""
        random = self._random
        return self.say(text, str(random.choice(HELD_BACK_VOICES)), float(random.choice(HELD_BACK_SPEEDS)))

    def place(self, clip: Clip) -> Clip:
        """The clip in a room: silence before and after, echo, a microphone, noise at 5 dB SNR or better."""
        random = self._random
        lead, tail = random.uniform(0.0, random.choice([0.3, 1.2])), random.uniform(0.0, 1.0)
        out = np.pad(clip.samples, (round(lead * SAMPLE_RATE), round(tail * SAMPLE_RATE)))
        for change, chance in (
            (whisper_sounds.reverberate, 0.3),
            (whisper_sounds.colour, 0.4),
            (whisper_sounds.through_rate, 0.15),
        ):
            if random.random() < chance:
                out = change(out, random)
        gain = 10 ** (random.uniform(-24, 5) / 20)
        out = out * np.float32(gain)
        if random.random() < 0.8:
            level = float(np.std(clip.samples)) * gain * 10 ** (-random.uniform(5, 40) / 20)
            out = out + whisper_sounds.noise(out.size, level, random)
            if random.random() < 0.15:
                out = out + np.float32(0.2) * whisper_sounds.clicks(out.size, random)
        if self._crowd and random.random() < 0.12:
            out = out + self.babble(out.size, float(np.std(out)) * 10 ** (-random.uniform(8, 30) / 20))
        self._crowd.append(clip.samples)
        return replace(clip, samples=np.clip(out, -1, 1).astype(np.float32), anchors=clip.after(lead))

    def babble(self, size: int, level: float) -> Samples:
        """The last few clips spoken all at once, with the RMS `level`."""
        out = np.zeros(size, np.float32)
        for voice in self._crowd:
            out += np.roll(np.resize(voice, size), self._random.integers(0, size))
        return out * np.float32(level / (float(np.std(out)) + 1e-9))

    def no_speech(self) -> Samples:
        """Silence, noise, hum or clicks."""
        return whisper_sounds.no_speech(self._random)


def join(first: Clip, second: Clip, gap: float) -> Clip:
    """Both clips, with `gap` seconds of silence between them."""
    start = first.samples.size / SAMPLE_RATE + gap
    samples = np.concatenate([first.samples, np.zeros(round(gap * SAMPLE_RATE), np.float32), second.samples])
    before = len(first.text) + 1
    later = tuple((place + before, time) for place, time in second.after(start))
    return Clip(samples, f"{first.text} {second.text}", (*first.anchors, *later))


def _anchors(text: str, words: list[Word], pitch: float, end: float) -> tuple[tuple[int, float], ...]:
    """Where each word that the synthesizer reports starts; it runs some short ones together."""
    anchors: list[tuple[int, float]] = []
    place = 0
    for word in words:
        found = text.find(word.text, place)
        if found >= 0 and (not anchors or word.start / pitch > anchors[-1][1]):
            anchors.append((found, word.start / pitch))
            place = found + len(word.text)
    first = anchors or [(0, 0.0)]
    return (*first, (len(text), max(end, first[-1][1] + 0.05)))
