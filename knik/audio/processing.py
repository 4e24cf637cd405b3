"""WebRTC's audio processing: echo canceller, noise suppression, gain control."""

from typing import Any, Protocol

import numpy as np

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.errors import KnikError


class Processor(Protocol):
    """Works on 10 ms frames at 16 kHz, shape (160,)."""

    def process(self, frame: Samples) -> Samples:
        """The microphone's frame, processed."""
        ...


class WebrtcModule:
    """WebRTC's audio processing module, from livekit's wheel, on 10 ms frames at 16 kHz, shape (160,).

    Args:
        echo_cancellation: AEC3; `play` feeds it.
        noise_suppression: Takes steady noise down.
        high_pass_filter: Takes rumble out.
        auto_gain_control: Brings a voice to the level that it should have.

    Raises:
        KnikError: The livekit package does not load.
    """

    def __init__(
        self,
        *,
        echo_cancellation: bool = False,
        noise_suppression: bool = False,
        high_pass_filter: bool = False,
        auto_gain_control: bool = False,
    ) -> None:
        try:
            from livekit import rtc
        except (ImportError, OSError) as error:
            raise KnikError(
                f"WebRTC's sound processing needs the livekit package, which does not load ({error}).",
                "Reinstall it (uv sync --reinstall-package livekit), or do without: "
                'echo = "off", noise_suppression = "off" and gain_control = "off" in [audio].',
            ) from error
        self._frame = rtc.AudioFrame
        self._module: Any = rtc.AudioProcessingModule(
            echo_cancellation=echo_cancellation,
            noise_suppression=noise_suppression,
            high_pass_filter=high_pass_filter,
            auto_gain_control=auto_gain_control,
        )

    def play(self, frame: Samples) -> None:
        """Tell the echo canceller what the speaker plays."""
        self._module.process_reverse_stream(self._pcm(frame))

    def process(self, frame: Samples) -> Samples:
        """The microphone's frame, processed."""
        near = self._pcm(frame)
        self._module.process_stream(near)
        return np.frombuffer(near.data, np.int16).astype(np.float32) / np.float32(32768)

    def _pcm(self, frame: Samples) -> Any:
        data = (np.clip(frame, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        return self._frame(data, SAMPLE_RATE, 1, FRAME_SAMPLES)


def process_all(processor: Processor, samples: Samples) -> Samples:
    """A whole recording, shape (n,) at 16 kHz, frame by frame; the last, short frame stays as it is."""
    out = samples.copy()
    for start in range(0, samples.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        out[start : start + FRAME_SAMPLES] = processor.process(samples[start : start + FRAME_SAMPLES])
    return out
