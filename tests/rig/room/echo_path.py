"""From the loudspeaker's samples to what the microphone hears of them."""

from dataclasses import dataclass

import numpy as np
import soxr

from knik.audio.frames import Samples

DECAY_NEPERS = 6.9078
"""ln(10^3): the amplitude falls by 60 dB within the reverberation time."""


@dataclass(frozen=True, slots=True)
class EchoPath:
    """A loudspeaker in a room, and the two clocks.

    Attributes:
        delay: Seconds from the playback callback to the microphone, 0.03 to 0.2 on most machines.
        gain_db: Of the direct sound.
        rt60: Reverberation time of the room in seconds.
        distortion: 0 is a perfect loudspeaker, 1 a cheap one that is driven hard.
        drift_ppm: How much faster the capture clock runs than that of playback.
        seed: Of the room's reflections.
    """

    delay: float = 0.08
    gain_db: float = -12.0
    rt60: float = 0.25
    distortion: float = 0.3
    drift_ppm: float = 0.0
    seed: int = 1

    def apply(self, far: Samples, rate: int) -> Samples:
        """What the microphone hears of `far`, as many samples, both at `rate` Hz."""
        loud = loudspeaker(far, self.distortion)
        response = self.response(rate)
        size = 1 << (loud.size + response.size - 1).bit_length()
        heard = np.fft.irfft(np.fft.rfft(loud, size) * np.fft.rfft(response, size), size)
        drifted = drift(heard[: far.size].astype(np.float32), self.drift_ppm)
        late = np.zeros(far.size, np.float32)
        start = round(self.delay * rate)
        part = drifted[: max(0, far.size - start)]
        late[start : start + part.size] = part
        return late * np.float32(10 ** (self.gain_db / 20))

    def response(self, rate: int) -> Samples:
        """The room's impulse response: the direct sound, then noise that decays by 60 dB in `rt60`."""
        random = np.random.default_rng(self.seed)
        size = max(1, round(self.rt60 * rate))
        time = np.arange(size) / rate
        tail = random.standard_normal(size) * np.exp(-DECAY_NEPERS * time / self.rt60)
        tail[: round(0.003 * rate)] = 0.0
        # Half as much energy as the direct sound: a metre from the loudspeaker in a living room.
        tail *= np.sqrt(0.5 / max(1e-12, float(np.sum(np.square(tail)))))
        tail[0] = 1.0
        return tail.astype(np.float32)


def loudspeaker(samples: Samples, distortion: float) -> Samples:
    """A membrane that reaches its end: soft clipping, and a little more so in one direction."""
    if distortion <= 0:
        return samples
    drive = np.float32(1 + 4 * distortion)
    skewed = drive * samples + np.float32(0.5 * distortion) * np.square(samples)
    return np.tanh(skewed).astype(np.float32) / np.float32(np.tanh(drive))


def drift(samples: Samples, ppm: float) -> Samples:
    """The samples as a clock that runs `ppm` parts per million faster takes them."""
    if not ppm:
        return samples
    # soxr takes ratios of whole numbers, too.
    return np.asarray(soxr.resample(samples, 1_000_000, 1_000_000 + ppm), np.float32)
