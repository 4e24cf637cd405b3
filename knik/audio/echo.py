"""Taking the assistant's own voice out of the microphone."""

from typing import Any, Protocol

import numpy as np

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.resample import StreamResampler
from knik.audio.ring import Ring
from knik.errors import KnikError

FAR_SECONDS = 20
"""Played sound that may wait while the ears are busy, as long as the microphone's own ring."""

AHEAD_FRAMES = 8
"""How far what was played may run ahead of what was recorded before the surplus is handed over at
once: the clocks of playback and capture drift, and AEC3 aligns the rest itself."""


class EchoCanceller(Protocol):
    """Works on 10 ms frames at 16 kHz, shape (160,)."""

    def process(self, frame: Samples) -> Samples:
        """The microphone's frame without what the loudspeaker played. Ears thread."""
        ...

    def played(self, block: Samples, rate: int) -> None:
        """What went to the loudspeaker, at `rate` Hz. Playback callback: never blocks."""
        ...


class WebrtcEcho:
    """WebRTC's third echo canceller (AEC3), from livekit's wheel.

    It estimates the delay between loudspeaker and microphone and follows its drift.

    Raises:
        KnikError: The livekit package does not load.
    """

    def __init__(self) -> None:
        try:
            from livekit import rtc
        except (ImportError, OSError) as error:
            raise KnikError(
                f"Echo cancellation needs the livekit package, which does not load ({error}).",
                'Reinstall it (uv sync --reinstall-package livekit), or set echo = "off" in [audio].',
            ) from error
        self._frame = rtc.AudioFrame
        self._module: Any = rtc.AudioProcessingModule(
            echo_cancellation=True, high_pass_filter=True, noise_suppression=False, auto_gain_control=False
        )
        self._rate = 0
        self._ring: Ring | None = None
        self._resampler: StreamResampler | None = None
        self._far = np.zeros(0, np.float32)

    def played(self, block: Samples, rate: int) -> None:
        """Keep what was played until the ears get to it."""
        if self._ring is None:
            self._rate = rate
            self._ring = Ring(FAR_SECONDS * rate)
        self._ring.write(block)

    def process(self, frame: Samples) -> Samples:
        """Cancel in one frame, after the module was told what was played meanwhile."""
        self._read_far()
        surplus = self._far.size // FRAME_SAMPLES - AHEAD_FRAMES
        for _ in range(max(1, surplus)):
            if self._far.size >= FRAME_SAMPLES:
                far, self._far = np.split(self._far, [FRAME_SAMPLES])
                self._module.process_reverse_stream(self._pcm(far))
        near = self._pcm(frame)
        self._module.process_stream(near)
        return np.frombuffer(near.data, np.int16).astype(np.float32) / np.float32(32768)

    def _read_far(self) -> None:
        ring = self._ring
        if ring is None or not ring.readable:
            return
        if self._resampler is None:
            self._resampler = StreamResampler(self._rate, SAMPLE_RATE)
        block = self._resampler.process(ring.read(ring.readable))
        self._far = np.concatenate([self._far, block])

    def _pcm(self, frame: Samples) -> Any:
        data = (np.clip(frame, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        return self._frame(data, SAMPLE_RATE, 1, FRAME_SAMPLES)
