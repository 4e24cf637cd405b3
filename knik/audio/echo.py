"""Taking the assistant's own voice out of the microphone."""

from collections import deque
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


SILENCE_DB = -90.0
LOUD_DB = -45.0
"""Level from which what is played counts as loud enough to be heard again."""

LOUD_FRAMES = 20
"""Frames (200 ms) for which the speaker must have been loud: then, whatever the delay, the microphone
hears an echo if there is any."""

JUDGED_FRAMES = 100
FIRST_JUDGEMENT = 10
"""Frames of the microphone under a loud speaker that are kept, and that are enough for a judgement."""

LEAK_DB, NO_LEAK_DB = 10.0, 3.0
"""How far the microphone's quietest moments under a loud speaker must lie above its background for an
echo path to exist, and below which there is none (headphones). Somebody who talks leaves gaps down to
the background; an echo does not."""


ECHO_FRAMES = 50
"""Frames (0.5 s) for which an echo may be heard: delay and reverberation."""

LEARNING_FRAMES = 200
"""Frames (2 s) under a loud speaker after which it has learnt the echo path. Before, bursts of the voice
come through, also when most of it is taken away already."""


class EchoCanceller(Protocol):
    """Works on 10 ms frames at 16 kHz, shape (160,)."""

    @property
    def learning(self) -> bool:
        """True while the speaker sounds and its echo is not known yet: what is left may well be echo."""
        ...

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
        self._far_db = SILENCE_DB
        self._loud_frames = 0
        self._quiet_frames = ECHO_FRAMES

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
                self._far_db = _level(far)
        near = self._pcm(frame)
        self._module.process_stream(near)
        clean = np.frombuffer(near.data, np.int16).astype(np.float32) / np.float32(32768)
        loud = self._far_db > LOUD_DB
        self._loud_frames += loud
        self._quiet_frames = 0 if loud else self._quiet_frames + 1
        return clean

    @property
    def learning(self) -> bool:
        """True for the first two seconds in which the speaker sounds."""
        return self._loud_frames < LEARNING_FRAMES and self._quiet_frames < ECHO_FRAMES

    @property
    def far_db(self) -> float:
        """Level of the frame that was handed over last, in dBFS."""
        return self._far_db

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


class EchoPath:
    """Judges from levels alone whether the microphone hears the speaker. Pure.

    `exists` is True until there is reason to think otherwise.
    """

    def __init__(self) -> None:
        self.exists = True
        self._loud_for = 0
        self._silent_for = 0
        self._background: deque[float] = deque(maxlen=2 * JUDGED_FRAMES)
        self._under_loud: deque[float] = deque(maxlen=JUDGED_FRAMES)

    def observe(self, near_db: float, far_db: float) -> None:
        """Take the levels of one 10 ms frame of the microphone and of the speaker, in dBFS."""
        loud = far_db > LOUD_DB
        self._loud_for = self._loud_for + 1 if loud else 0
        self._silent_for = 0 if loud else self._silent_for + 1
        if self._silent_for > 2 * LOUD_FRAMES:
            self._background.append(near_db)
        if self._loud_for < LOUD_FRAMES:
            return
        self._under_loud.append(near_db)
        if len(self._under_loud) >= FIRST_JUDGEMENT:
            self._judge()

    def _judge(self) -> None:
        background = float(np.percentile(self._background, 20)) if self._background else SILENCE_DB
        leak = float(np.percentile(self._under_loud, 10)) - max(SILENCE_DB, background)
        if leak > LEAK_DB:
            self.exists = True
        elif leak < NO_LEAK_DB:
            self.exists = False


class AutoEcho:
    """WebRTC's canceller where there is an echo; the bare microphone where there is none, since the
    canceller takes some of a voice down while the speaker plays."""

    def __init__(self) -> None:
        self._canceller = WebrtcEcho()
        self._path = EchoPath()

    @property
    def learning(self) -> bool:
        """As the canceller, where there is an echo."""
        return self._path.exists and self._canceller.learning

    def played(self, block: Samples, rate: int) -> None:
        """Keep what was played until the ears get to it."""
        self._canceller.played(block, rate)

    def process(self, frame: Samples) -> Samples:
        """The frame without echo, or as it is."""
        clean = self._canceller.process(frame)
        self._path.observe(_level(frame), self._canceller.far_db)
        return clean if self._path.exists else frame


def _level(frame: Samples) -> float:
    """RMS in dBFS, not below `SILENCE_DB`."""
    power = float(np.mean(np.square(frame)))
    return max(SILENCE_DB, 10 * float(np.log10(max(power, 1e-12))))
