"""What happens to speech between a mouth and Whisper, and what a room sounds like without any.

Everything is mono at 16 kHz and every random choice comes from the generator passed in.
"""

import numpy as np
import soxr
from numpy.random import Generator

from knik.audio.frames import SAMPLE_RATE, Samples


def noise(size: int, level: float, random: Generator) -> Samples:
    """Noise with the RMS `level`: white, pink or brown, sometimes muffled, sometimes with hum."""
    spectrum = np.fft.rfft(random.standard_normal(size))
    frequency = np.maximum(1.0, np.fft.rfftfreq(size, 1 / SAMPLE_RATE))
    spectrum *= frequency ** -random.choice([0.0, 0.5, 1.0])
    if random.random() < 0.3:
        spectrum *= frequency < random.uniform(500, 4000)
    out = np.fft.irfft(spectrum, size)
    out /= np.std(out) + 1e-9
    if random.random() < 0.3:
        out += random.uniform(0.3, 1.5) * hum(size, random)
    scaled: Samples = (out * level / (np.sqrt(np.mean(out**2)) + 1e-9)).astype(np.float32)
    return scaled


def hum(size: int, random: Generator) -> Samples:
    """Mains, fan or motor: a steady tone with overtones and an RMS near 1."""
    time = np.arange(size) / SAMPLE_RATE
    pitch = random.choice([50.0, 60.0, random.uniform(80, 400)])
    out = np.zeros(size)
    for overtone in range(1, int(random.integers(2, 12))):
        phase = random.uniform(0, 2 * np.pi)
        out += np.sin(2 * np.pi * pitch * overtone * time + phase) / overtone
    return out.astype(np.float32)


def clicks(size: int, random: Generator) -> Samples:
    """A few keys struck or cups put down."""
    out = np.zeros(size, np.float32)
    for position in random.integers(0, max(1, size - 1), random.integers(1, 9)):
        length = int(random.integers(60, 800))
        burst = random.standard_normal(length) * np.exp(-5 * np.arange(length) / length)
        end = min(size, position + length)
        out[position:end] += (random.uniform(0.02, 0.4) * burst[: end - position]).astype(np.float32)
    return out


def reverberate(samples: Samples, random: Generator) -> Samples:
    """The sound in a small room: the direct path, then exponentially fading noise."""
    size = int(random.uniform(0.05, 0.25) * SAMPLE_RATE)
    response = random.standard_normal(size) * np.exp(-6 * np.arange(size) / size)
    response[0] = random.uniform(4, 12)
    length = samples.size + size
    wet = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(response, length), length)
    return _at_peak_of(samples, wet[: samples.size])


def colour(samples: Samples, random: Generator) -> Samples:
    """Another microphone: a tilted and bounded frequency response."""
    spectrum = np.fft.rfft(samples)
    frequency = np.fft.rfftfreq(samples.size, 1 / SAMPLE_RATE)
    spectrum *= ((frequency + 100) / 1000) ** random.uniform(-0.5, 0.5)
    spectrum *= frequency > random.uniform(0, 200)
    spectrum *= frequency < random.uniform(3800, 8000)
    return _at_peak_of(samples, np.fft.irfft(spectrum, samples.size))


def through_rate(samples: Samples, random: Generator) -> Samples:
    """There and back through a device's sample rate, which also bounds the band."""
    rate = int(random.choice([8_000, 11_025, 22_050, 44_100, 48_000]))
    back = soxr.resample(soxr.resample(samples, SAMPLE_RATE, rate), rate, SAMPLE_RATE)
    return np.resize(back, samples.size).astype(np.float32)


def no_speech(random: Generator) -> Samples:
    """Up to 5 s of silence, noise, hum, clicks, or several of them."""
    size = int(random.uniform(0.3, 5.0) * SAMPLE_RATE)
    kind = random.random()
    out = np.zeros(size, np.float32)
    if kind < 0.15:
        return out
    if kind < 0.85:
        out += noise(size, 10 ** (random.uniform(-80, -15) / 20), random)
    if kind > 0.7:
        out += clicks(size, random)
    if random.random() < 0.2:
        out += np.float32(10 ** (random.uniform(-60, -15) / 20)) * hum(size, random)
    return np.clip(out, -1, 1)


def _at_peak_of(before: Samples, after: np.ndarray) -> Samples:
    peak = float(np.max(np.abs(before)))
    return (after * peak / (float(np.max(np.abs(after))) + 1e-9)).astype(np.float32)
