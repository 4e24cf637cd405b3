"""Noise that goes on: each is a function of seconds, rate and seed, with an RMS of one tenth."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from knik.audio.frames import Samples
from knik.audio.resample import resample
from knik.bench.levels import rms
from knik.cancel import CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.protocols import VoiceSettings

LEVEL = 0.1

Noise = Callable[[float, int, int], Samples]

CHATTER = (
    "and then she said that the train had left without them",
    "we should meet again next week if the weather is fine",
    "no I really think that the other colour suits the kitchen better",
    "they have been living in that house for more than twenty years",
)
VOICES = ("en-us", "en-us+f2", "en-us+m3", "en-gb+f4", "en-gb+m5", "en-us+f3")


def babble(seconds: float, rate: int, seed: int) -> Samples:
    """Six people who talk at once."""
    size = round(seconds * rate)
    random = np.random.default_rng(seed)
    mixed = np.zeros(size, np.float32)
    for voice in VOICES:
        talk = np.concatenate([_sentence(CHATTER[i], voice, rate) for i in random.permutation(len(CHATTER))])
        mixed += np.resize(np.roll(talk, int(random.integers(talk.size))), size)
    return _levelled(mixed)


def fan(seconds: float, rate: int, seed: int) -> Samples:
    """Air: noise that falls by 6 dB an octave, and the hum of the blades."""
    size = round(seconds * rate)
    random = np.random.default_rng(seed)
    spectrum = np.fft.rfft(random.standard_normal(size))
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    air = np.fft.irfft(spectrum / np.maximum(frequencies, 80.0), size)
    time = np.arange(size) / rate
    hum = np.sin(2 * np.pi * 118 * time) + 0.5 * np.sin(2 * np.pi * 236 * time + 1.0)
    return _levelled((air / np.std(air) + 0.3 * hum).astype(np.float32))


def keyboard(seconds: float, rate: int, seed: int) -> Samples:
    """Somebody who types six keys a second, with pauses for thought."""
    size = round(seconds * rate)
    random = np.random.default_rng(seed)
    typed = np.zeros(size, np.float32)
    at = 0.1
    while at < seconds:
        key = keystroke(rate, int(random.integers(2**31)))
        start = round(at * rate)
        typed[start : start + key.size] += key[: size - start] * np.float32(random.uniform(0.5, 1.0))
        at += float(random.exponential(0.12)) + 0.06 + (0.8 if random.random() < 0.08 else 0.0)
    return _levelled(typed)


def music(seconds: float, rate: int, seed: int) -> Samples:
    """Chords with overtones and a beat, two a second."""
    size = round(seconds * rate)
    random = np.random.default_rng(seed)
    beat = rate // 2
    time = np.arange(beat) / rate
    decay = np.exp(-3 * time)
    played = np.zeros(size, np.float32)
    for start in range(0, size, beat):
        root = 110 * 2 ** (random.integers(0, 12) / 12)
        chord = sum(
            np.sin(2 * np.pi * root * interval * overtone * time) / overtone**1.5
            for interval in (1.0, 1.2599, 1.4983)
            for overtone in (1, 2, 3, 4)
        )
        drum = random.standard_normal(beat) * np.exp(-60 * time)
        part = ((np.asarray(chord) + drum) * decay).astype(np.float32)
        played[start : start + beat] = part[: size - start]
    return _levelled(played)


NOISES: Mapping[str, Noise] = {"babble": babble, "fan": fan, "keyboard": keyboard, "music": music}


def keystroke(rate: int, seed: int) -> Samples:
    """A key: two clicks, 50 to 80 ms apart, of pressing and letting go, with a peak of 0.15."""
    random = np.random.default_rng(seed)
    out = np.zeros(round(0.12 * rate), np.float32)
    for at, level in ((0.0, 1.0), (float(random.uniform(0.05, 0.08)), 0.5)):
        click = burst(random, rate, 0.012, 500.0, 2500.0, 7000.0) * np.float32(level)
        start = round(at * rate)
        out[start : start + click.size] += click
    return out * np.float32(0.15 / np.max(np.abs(out)))


def burst(
    random: np.random.Generator, rate: int, seconds: float, decay: float, low: float, high: float
) -> Samples:
    """Noise between two frequencies in Hz that rises within 2 ms and falls as exp(-decay t)."""
    size = round(seconds * rate)
    spectrum = np.fft.rfft(random.standard_normal(size))
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    spectrum *= (frequencies >= low) & (frequencies <= high)
    time = np.arange(size) / rate
    envelope = np.minimum(1.0, time / 0.002) * np.exp(-decay * time)
    return np.asarray(np.fft.irfft(spectrum, size) * envelope, np.float32)


@lru_cache(maxsize=64)
def _sentence(text: str, voice: str, rate: int) -> Samples:
    engine = EspeakSynthesizer()
    chunks = engine.synthesize(text, VoiceSettings(voice, 0.9), CancelToken())
    return resample(np.concatenate([chunk.samples for chunk in chunks]), engine.sample_rate, rate)


def _levelled(samples: Samples) -> Samples:
    return samples * np.float32(LEVEL / max(1e-9, rms(samples)))
