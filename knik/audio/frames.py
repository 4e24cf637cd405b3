"""The shapes of sound inside knik.

Sound travels as mono float32 arrays of shape (n,), nominally in [-1, 1]. Everything between the
microphone's resampler and the transcriber runs at `SAMPLE_RATE`; synthesised speech keeps the rate of
its engine until the playback resampler.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
"""Hz. What webrtcvad, Silero, Whisper and PocketSphinx all take."""

FRAME_SAMPLES = 160
"""Samples of one 10 ms frame at `SAMPLE_RATE`: the step of echo canceller, VAD and endpointer."""

FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono float32 samples, shape (n,)."""
