"""Cuts an utterance's spectrogram into the windows that Whisper's encoder takes."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Features: TypeAlias = npt.NDArray[np.float32]
"""Log-mel spectrogram, shape (mels, frames), a frame each 10 ms, scaled as openai/whisper does."""

FULL_WINDOW = 3000
"""Frames (30 s) of the window that Whisper was trained with."""

FRAMES_PER_SECOND = 100

_SEARCH = 1000
_SMOOTH = 20
_SHORTEST = 1000
_STEP = 500
_TAIL = 200


def windows(features: Features) -> Iterator[Features]:
    """Cut into pieces of at most `FULL_WINDOW` frames, each where it is quietest in its last third."""
    while features.shape[1] > FULL_WINDOW:
        loudness = features.mean(axis=0)[FULL_WINDOW - _SEARCH : FULL_WINDOW]
        smooth = np.convolve(loudness, np.ones(_SMOOTH), "same")
        # The convolution sees silence beyond its ends.
        cut = FULL_WINDOW - _SEARCH + _SMOOTH + int(np.argmin(smooth[_SMOOTH:-_SMOOTH]))
        yield features[:, :cut]
        features = features[:, cut:]
    yield features


def short_window(frames: int) -> int:
    """Frames of a shorter window around an utterance: with 2 s of silence after it, no less than 10 s.

    Cutting closer gains little time and makes Whisper, which was trained with the full window, repeat
    itself.
    """
    wanted = -(-(frames + _TAIL) // _STEP) * _STEP
    return min(FULL_WINDOW, max(_SHORTEST, wanted))


def pad(features: Features, frames: int) -> Features:
    """Fill up with silence, as if the sound had been padded with zeros.

    openai/whisper clips the spectrogram at 8 (log10 of power) below its peak, after which it maps x to
    (x + 4) / 4; zeros are at -10 before that. So silence lies 2 below the peak, and never below -1.5.
    """
    silence = max(-1.5, float(features.max()) - 2.0)
    missing = max(0, frames - features.shape[1])
    return np.pad(features, ((0, 0), (0, missing)), constant_values=silence)
