"""Utterances as many people would say them in many rooms, all spoken by espeak-ng, all from a seed."""

import numpy as np
import soxr

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.protocols import VoiceSettings

VOICES = (
    "en-us",
    "en-us+m1",
    "en-us+m3",
    "en-us+m7",
    "en-us+f1",
    "en-us+f3",
    "en-gb",
    "en-gb+f5",
    "en-gb+m3",
)
SPEEDS = (0.8, 0.9, 1.0, 1.12, 1.25)
HELD_BACK_VOICES = ("en-us+f2", "en-us+m2", "en-gb+f2", "en-gb-x-rp")
HELD_BACK_SPEEDS = (0.85, 1.06, 1.18)


class Corpus:
    """Speaks and disturbs; every random choice comes from `seed`."""

    def __init__(self, seed: int) -> None:
        self._engine = EspeakSynthesizer()
        self._random = np.random.default_rng(seed)

    def speak(self, text: str, voice: str, speed: float) -> Samples:
        """Clean speech at 16 kHz with a peak of 0.5."""
        chunks = self._engine.synthesize(text, VoiceSettings(voice, speed), CancelToken())
        samples = np.concatenate([chunk.samples for chunk in chunks])
        out: Samples = soxr.resample(samples, self._engine.sample_rate, SAMPLE_RATE)
        return out * np.float32(0.5 / np.max(np.abs(out)))

    def disturb(self, speech: Samples) -> Samples:
        """The speech with silence around it, at another level, in a room, with noise."""
        random = self._random
        lead, tail = random.uniform(0.05, 0.6), random.uniform(0.1, 0.9)
        out = np.concatenate([np.zeros(int(lead * SAMPLE_RATE), np.float32), speech,
                              np.zeros(int(tail * SAMPLE_RATE), np.float32)])  # fmt: skip
        if random.random() < 0.3:
            out = self._reverberate(out)
        out = out * np.float32(10 ** (random.uniform(-22, 3) / 20))
        if random.random() < 0.85:
            level = float(np.sqrt(np.mean(np.square(out)))) * 10 ** (-random.uniform(8, 45) / 20)
            out = out + self.noise(out.size, level)
        return np.clip(out, -1, 1).astype(np.float32)

    def _reverberate(self, samples: Samples) -> Samples:
        size = int(self._random.uniform(0.05, 0.2) * SAMPLE_RATE)
        response = self._random.standard_normal(size) * np.exp(-6 * np.arange(size) / size)
        response[0] = self._random.uniform(4, 10)
        wet = np.convolve(samples, response / np.sqrt(np.sum(response**2)))[: samples.size]
        return wet.astype(np.float32)

    def noise(self, size: int, level: float) -> Samples:
        """Noise of one of several colours with the given RMS."""
        random = self._random
        white = random.standard_normal(size)
        spectrum = np.fft.rfft(white)
        frequency = np.maximum(1.0, np.fft.rfftfreq(size, 1 / SAMPLE_RATE))
        spectrum *= frequency ** -random.choice([0.0, 0.5, 1.0])
        if random.random() < 0.3:
            spectrum *= frequency < random.uniform(500, 4000)
        out = np.fft.irfft(spectrum, size)
        if random.random() < 0.2:
            hum = np.sin(2 * np.pi * random.choice([50, 60, 120]) * np.arange(size) / SAMPLE_RATE)
            out = out / (np.std(out) + 1e-9) + hum
        return (out * level / (np.sqrt(np.mean(out**2)) + 1e-9)).astype(np.float32)

    def no_speech(self) -> Samples:
        """Silence, noise or clicks."""
        random = self._random
        size = int(random.uniform(0.4, 4.0) * SAMPLE_RATE)
        kind = random.random()
        if kind < 0.2:
            return np.zeros(size, np.float32)
        out = self.noise(size, 10 ** (random.uniform(-70, -15) / 20))
        if kind > 0.7:
            for position in random.integers(0, size, random.integers(1, 6)):
                click = random.standard_normal(400) * np.exp(-np.arange(400) / 60)
                end = min(size, position + 400)
                out[position:end] += (0.3 * click[: end - position]).astype(np.float32)
        return np.clip(out, -1, 1).astype(np.float32)
