"""What somebody says while the loudspeaker sounds, for whoever transcribes it.

WebRTC's canceller removes every trace of an echo, and half of each syllable that is spoken over it (see
docs/benchmarks/echo.md). That decides whether somebody speaks; nobody can understand the rest. A transcriber
bears a faint echo, but no missing syllables. So for the words the loudspeaker is only subtracted, as far as
it can be told what the room makes of its sound.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from knik.audio.echo_path import LONGEST_FRAMES, is_own
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.history import AudioHistory
from knik.audio.level import level_db

SECONDS = 45
"""Longer than the longest utterance."""

TAPS = 4096
"""Length of the path in samples (256 ms): the reference's lead, the way through the air, and the room."""

TAPS_SECONDS = TAPS / SAMPLE_RATE

LEARNT_SECONDS = (2**17 - TAPS) / SAMPLE_RATE
"""Echo from which the path is learnt: 7.9 s, which together with the path fill a transform."""

FRESH_FRAMES = 100
"""Frames (1 s) of new echo after which the path is worth learning anew."""

LOUD_DB = -60.0
"""Level of a reference from which the microphone may hear it."""

RIDGE = 1e-3
"""Of the reference's power, added to it: where it has none, nothing can be learnt."""

Path: TypeAlias = NDArray[np.float64]

LEVEL_SAMPLES = round(0.03 * SAMPLE_RATE)
"""Over which levels are taken: half a syllable."""

DOUBT = 2.0
"""How many times more of the echo is expected to be left than was while the path was learnt."""

LEAST = 0.1
"""Factor for what is nothing but a rest of the echo."""

STEPS = 40
TINY = 1e-12
EXACT = 1e-10
"""The solver ends after so many steps, or with so small a rest of the power."""


class NearEnd:
    """Fed 10 ms of the microphone and of the reference, one after another. Not for several threads.

    The path from one to the other is the finite impulse response that explains the last echoes best (least
    squares, by the method of conjugate gradients on the normal equations; Haykin, "Adaptive Filter Theory",
    chapters 2 and 9). It is learnt at once when it is wanted, and not all along: a voice over the echo is
    nothing that it would adapt to.
    """

    def __init__(self) -> None:
        self._near = AudioHistory(SECONDS)
        self._far = AudioHistory(SECONDS)
        self._quiet_samples = TAPS
        self.forget()

    @property
    def learnt(self) -> bool:
        """Whether the path is known."""
        return bool(self._path.any())

    def append(self, near: Samples, far: Samples) -> None:
        """Take a frame of each, shape (160,) at 16 kHz: the microphone's as it is, and what was played no
        later than its echo is in it."""
        self._near.append(near)
        self._far.append(far)
        loud = level_db(far) > LOUD_DB
        self._quiet_samples = 0 if loud else self._quiet_samples + FRAME_SAMPLES
        if self._quiet_samples < TAPS:
            self._echoes.append(near)
            self._causes.append(far)
            self._fresh_frames += 1

    def is_echo(self, start: int, end: int) -> bool:
        """Whether the loudspeaker can be heard in the samples [start, end)."""
        return level_db(self._far.slice(start - TAPS, end)) > LOUD_DB

    def is_own(self, start: int, end: int) -> bool:
        """Whether the samples [start, end) hold nothing but the loudspeaker, as loud as a voice."""
        start = max(start, LONGEST_FRAMES * FRAME_SAMPLES)
        near, far = self._near.slice(start, end), self._far.slice(start - LONGEST_FRAMES * FRAME_SAMPLES, end)
        return self.is_echo(start, end) and far.size > near.size and is_own(near, far)

    def forget(self) -> None:
        """The path is another one."""
        self._echoes, self._causes = AudioHistory(LEARNT_SECONDS), AudioHistory(LEARNT_SECONDS)
        self._fresh_frames = 0
        self._path, self._leak = np.zeros(TAPS), 0.0

    def learn(self) -> None:
        """Learn the path from the last echoes, if there are new ones; about 15 ms."""
        if self._fresh_frames < FRESH_FRAMES:
            return
        self._fresh_frames = 0
        far, near = (history.slice(0, history.end) for history in (self._causes, self._echoes))
        self._path = _path(far, near)
        echo = _filtered(far, self._path)
        # Where the path was learnt, less is left than elsewhere (Akaike, "Fitting autoregressive models for
        # prediction", 1969: the final prediction error).
        elsewhere = (far.size + TAPS) / max(1, far.size - TAPS)
        self._leak = elsewhere * _power(near - echo) / max(_power(echo), TINY)

    def slice(self, start: int, end: int) -> Samples:
        """The microphone's samples [start, end) less the loudspeaker's, as far as they are held."""
        near = self._near.slice(start, end)
        start = min(end, max(start, self._near.start))
        far = self._far.slice(start - TAPS, end)
        echo = _filtered(far, self._path)[far.size - near.size :]
        rest = near - echo
        left = DOUBT * self._leak * _levels(echo) / _levels(rest)
        # Wiener's filter, over all frequencies at once.
        return (rest * np.sqrt(np.clip(1.0 - left, LEAST**2, 1.0))).astype(np.float32)


def _power(samples: Path) -> float:
    return float(np.mean(np.square(samples)))


def _levels(samples: Path) -> Path:
    """The power around each sample."""
    sums = np.cumsum(np.square(np.pad(samples, LEVEL_SAMPLES // 2)))
    sums = np.concatenate([[0.0], sums])
    levels: Path = (sums[LEVEL_SAMPLES:] - sums[:-LEVEL_SAMPLES])[: samples.size] / LEVEL_SAMPLES
    return np.maximum(levels, TINY)


def _filtered(samples: Samples, path: Path) -> Path:
    size = 1 << (samples.size + path.size).bit_length()
    filtered: Path = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(path, size), size)[: samples.size]
    return filtered


def _path(far: Samples, near: Samples) -> Path:
    """The impulse response, shape (TAPS,), that makes `near` of `far`, each of shape (n,)."""
    size = 1 << (far.size + TAPS - 1).bit_length()
    spectrum = np.fft.rfft(far, size)
    power = np.fft.irfft(np.abs(spectrum) ** 2, size)[:TAPS]
    wanted = np.fft.irfft(np.conj(spectrum) * np.fft.rfft(near, size), size)[:TAPS]
    power[0] *= 1.0 + RIDGE
    # A Toeplitz matrix times a vector is a part of a circular convolution.
    circle = np.fft.rfft(np.concatenate([power, [0.0], power[:0:-1]])).real
    path, rest = np.zeros(TAPS), wanted
    direction, left = rest, float(rest @ rest)
    enough = EXACT * left
    for _ in range(STEPS):
        if left <= enough:
            break
        product = np.fft.irfft(circle * np.fft.rfft(direction, 2 * TAPS), 2 * TAPS)[:TAPS]
        step = left / float(direction @ product)
        path = path + step * direction
        rest = rest - step * product
        left, before = float(rest @ rest), left
        direction = rest + (left / before) * direction
    return path
