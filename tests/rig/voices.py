"""People to talk to knik: real recordings and espeak-ng."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.protocols import VoiceSettings

SPEECH = Path(__file__).parents[1] / "data" / "speech"


def recorded(name: str) -> tuple[Samples, str]:
    """A recording of a person, at 16 kHz, and its transcript; `name` is such as "cards/003"."""
    samples, rate = soundfile.read(SPEECH / f"{name}.wav", dtype="float32")
    assert rate == SAMPLE_RATE
    return samples, (SPEECH / f"{name}.txt").read_text("utf-8").strip()


def spoken(text: str, voice: str = "en-us", speed: float = 0.9, rate: int = SAMPLE_RATE) -> Samples:
    """`text` spoken by espeak-ng, at `rate` Hz, half as loud as can be."""
    engine = EspeakSynthesizer()
    chunks = engine.synthesize(text, VoiceSettings(voice, speed), CancelToken())
    samples = np.concatenate([chunk.samples for chunk in chunks])
    out: Samples = soxr.resample(samples, engine.sample_rate, rate)
    return out * np.float32(0.5 / np.max(np.abs(out)))


def silence(seconds: float, rate: int = SAMPLE_RATE) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * rate), np.float32)
