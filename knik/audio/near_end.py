"""What somebody says while the loudspeaker sounds, for whoever transcribes it.

WebRTC's canceller removes every trace of an echo, and half of each syllable that is spoken over it (see
docs/benchmarks/echo.md). That decides whether somebody speaks; nobody can understand the rest. A transcriber
bears a faint echo, but no missing syllables. So for the words the loudspeaker is only subtracted, as far as
it can be told what the room makes of its sound.
"""

import numpy as np

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.history import AudioHistory
from knik.audio.level import level_db
from knik.audio.own_voice import BEFORE, is_own
from knik.audio.response import Reals, filtered, response

TAPS = 4096
"""Length of the path in samples (256 ms): the reference's lead, the way through the air, and the room. What
comes later is left to the canceller."""

LEARNT_SECONDS = (2**17 - TAPS) / SAMPLE_RATE
"""Echo from which the path is learnt: 7.9 s, which together with the path fill a transform."""

FRESH_FRAMES = 100
"""Frames (1 s) of new echo after which the path is worth learning anew."""

AUDIBLE_DB = -60.0
"""Level of a reference from which the microphone may hear it."""

QUIET_PERCENTILE = 25.0
"""Of the loud moments of the echo, the quarter in which least was left over tells how much is left at all: in
the others somebody may have talked."""

DOUBT = 4.0
"""How many times more is expected to be left."""

MOST_LEFT = 0.3
"""Share of an echo's power that, left over, means that the path is unknown: it has changed, or is longer."""

LEVEL_SAMPLES = round(0.03 * SAMPLE_RATE)
"""Over which levels are taken: half a syllable."""

LEAST = 0.1
"""Factor for what is nothing but a rest of the echo."""

TINY = 1e-12
"""Power of digital silence, so that it can be divided by."""


class NearEnd:
    """Fed 10 ms of the microphone and of the reference, one after another. Not for several threads.

    The path from one to the other is learnt from the last echoes at once when it is wanted, and not all
    along: a voice over the echo is nothing that it would adapt to.
    """

    def __init__(self) -> None:
        self._near = AudioHistory()
        self._far = AudioHistory()
        self._quiet_samples = TAPS
        self.forget()

    def forget(self) -> None:
        """The path is another one from now on."""
        self._echoes, self._causes = AudioHistory(LEARNT_SECONDS), AudioHistory(LEARNT_SECONDS)
        self._fresh_frames = 0
        self._path: Reals = np.zeros(TAPS)
        self._left = 1.0

    @property
    def learnt(self) -> bool:
        """Whether the path is known so well that little is left of an echo."""
        return self._left < MOST_LEFT

    def append(self, near: Samples, far: Samples) -> None:
        """Take a frame of each, shape (160,) at 16 kHz: the microphone's as it is, and what was played no
        later than its echo is in it."""
        self._near.append(near)
        self._far.append(far)
        audible = level_db(far) > AUDIBLE_DB
        self._quiet_samples = 0 if audible else self._quiet_samples + FRAME_SAMPLES
        if self._quiet_samples < TAPS:
            self._echoes.append(near)
            self._causes.append(far)
            self._fresh_frames += 1

    def is_echo(self, start: int, end: int) -> bool:
        """Whether the loudspeaker can be heard in the samples [start, end)."""
        return level_db(self._far.slice(start - TAPS, end)) > AUDIBLE_DB

    def is_own(self, start: int, end: int) -> bool:
        """Whether the samples [start, end) hold hardly more than the loudspeaker, at whatever level."""
        start, end = max(start, BEFORE, self._near.start + BEFORE), min(end, self._near.end)
        if start >= end:
            return False
        return is_own(self._near.slice(start, end), self._far.slice(start - BEFORE, end))

    def learn(self) -> None:
        """Learn the path from the last echoes, if there are new ones; about 15 ms."""
        if self._fresh_frames < FRESH_FRAMES:
            return
        self._fresh_frames = 0
        far, near = (history.slice(0, history.end) for history in (self._causes, self._echoes))
        self._path = response(far, near, TAPS)
        # Where the path was learnt, less is left than elsewhere (Akaike, "Fitting autoregressive models for
        # prediction", 1969: the final prediction error).
        elsewhere = (far.size + TAPS) / max(1, far.size - TAPS)
        self._left = elsewhere * _left(near, filtered(far, self._path))

    def slice(self, start: int, end: int) -> Samples:
        """The microphone's samples [start, end) less the loudspeaker's, as far as they are held."""
        near = self._near.slice(start, end)
        far = self._far.slice(max(start, self._near.start) - TAPS, end)
        # Behind the last of its echo the microphone hears no loudspeaker.
        heard = near.size - far.size + TAPS + np.flatnonzero(far)[-1:]
        size = min(near.size, int(heard[0]) + 1) if heard.size else 0
        if size <= 0:
            return near
        echo = filtered(far[: far.size - near.size + size], self._path)[-size:]
        rest = near[:size] - echo
        left = DOUBT * self._left * _levels(echo) / _levels(rest)
        # Wiener's filter, over all frequencies at once.
        near[:size] = rest * np.sqrt(np.clip(1.0 - left, LEAST**2, 1.0))
        return near


def _left(near: Samples, echo: Reals) -> float:
    """The share of an echo's power that is left without `echo`."""
    size = echo.size // FRAME_SAMPLES * FRAME_SAMPLES
    frames = echo[:size].reshape(-1, FRAME_SAMPLES), (near - echo)[:size].reshape(-1, FRAME_SAMPLES)
    echoes, rests = (np.mean(np.square(part), axis=1) for part in frames)
    loud = echoes > np.mean(echoes)
    if not loud.any():
        return 1.0
    return float(np.percentile(rests[loud] / echoes[loud], QUIET_PERCENTILE))


def _levels(samples: Reals) -> Reals:
    """The power around each sample."""
    sums = np.cumsum(np.square(np.pad(samples, LEVEL_SAMPLES // 2)))
    sums = np.concatenate([[0.0], sums])
    levels: Reals = (sums[LEVEL_SAMPLES:] - sums[:-LEVEL_SAMPLES])[: samples.size] / LEVEL_SAMPLES
    return np.maximum(levels, TINY)
