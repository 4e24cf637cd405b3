"""Taking the assistant's own voice out of the microphone."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from knik.audio.echo_path import LOUD_DB, EchoLevels, EchoSearch
from knik.audio.far_end import FarEnd
from knik.audio.frames import FRAME_SAMPLES, Samples
from knik.audio.level import SILENCE_DB, level_db
from knik.audio.processing import WebrtcModule

ECHO_FRAMES = 50
"""Frames (0.5 s) for which an echo may be heard: delay and reverberation."""

LEARNING_FRAMES = 200
"""Frames (2 s) under a loud speaker after which it has learnt the echo path. Before, bursts of the voice
come through, also when most of it is taken away already."""

MOVED_FRAMES = 60
"""Frames after a move of the reference in which what is left may well be echo: until `EchoSearch` knows
whether it has begun to come sooner."""

RESTING_FRAMES = 100
"""Frames (1 s) of digital silence in the reference after which there is nothing to cancel, and the
canceller, which takes most of an idle listener's processor time, is left alone."""


class EchoCanceller(Protocol):
    """Works on 10 ms frames at 16 kHz, shape (160,)."""

    @property
    def learning(self) -> bool:
        """True while the speaker sounds and its echo is not known yet: what is left may well be echo."""
        ...

    @property
    def exists(self) -> bool:
        """Whether the microphone hears the speaker, as far as is known."""
        ...

    @property
    def taken_db(self) -> float:
        """By how much the last frame was weakened; 0 where nothing was taken out of it."""
        ...

    @property
    def far(self) -> Samples:
        """What the speaker played during the last frame, or a while later, which is constant but for `moves`;
        shape (160,)."""
        ...

    @property
    def moves(self) -> int:
        """How often that while has changed."""
        ...

    @property
    def late(self) -> bool:
        """Whether what the speaker plays during the next frame will be known in a moment; wait for it."""
        ...

    def suspect(self) -> None:
        """What was heard just now was the speaker."""
        ...

    def relearn(self) -> None:
        """Microphone or speaker are other ones now."""
        ...

    def process(self, frame: Samples, at: float) -> Samples:
        """The microphone's frame, recorded at `at` seconds on the device's clock, without what the
        loudspeaker played. Ears thread."""
        ...

    def played(self, block: Samples, rate: int, at: float) -> None:
        """What went to the loudspeaker, at `rate` Hz, to sound at `at`. Playback callback: never blocks."""
        ...


class WebrtcEcho:
    """WebRTC's third echo canceller (AEC3), fed with what is played on the microphone's clock.

    It finds the rest of the delay itself.

    Raises:
        KnikError: The livekit package does not load.
    """

    def __init__(self) -> None:
        self._module = _aec3()
        self._far_end = FarEnd()
        self._moves = 0
        self._moved_frames = MOVED_FRAMES
        self._loud_frames = 0
        self._quiet_frames = ECHO_FRAMES
        self._silent_frames = 0
        self.far: Samples = np.zeros(FRAME_SAMPLES, np.float32)
        """The reference that was handed over last."""
        self.far_db = SILENCE_DB
        """Its level in dBFS."""
        self.near_db = SILENCE_DB
        """The level of the microphone's last frame, before."""
        self.taken_db = 0.0

    @property
    def moves(self) -> int:
        """How often the reference was moved against the microphone."""
        return self._far_end.moves

    @property
    def late(self) -> bool:
        """Whether the speaker's callback is late."""
        return self._far_end.late

    @property
    def lead(self) -> float:
        """Seconds by which the reference runs ahead of what sounds."""
        return self._far_end.lead

    def played(self, block: Samples, rate: int, at: float) -> None:
        """Keep what was played until the ears get to it."""
        self._far_end.played(block, rate, at)

    def process(self, frame: Samples, at: float) -> Samples:
        """Cancel in one frame, after the module was told what was played meanwhile."""
        self.far = self._far_end.take(at)
        self._moved_frames = 0 if self.moves != self._moves else self._moved_frames + 1
        self._moves = self.moves
        self.far_db = level_db(self.far)
        self.near_db = level_db(frame)
        self.taken_db = 0.0
        loud = self.far_db > LOUD_DB
        self._loud_frames += loud
        self._quiet_frames = 0 if loud else self._quiet_frames + 1
        self._silent_frames = self._silent_frames + 1 if self.far_db <= SILENCE_DB else 0
        if self._silent_frames > RESTING_FRAMES:
            return frame
        self._module.play(self.far)
        clean: Samples = self._module.process(frame)
        self.taken_db = self.near_db - level_db(clean)
        return clean

    def start_anew(self) -> None:
        """Forget the echo path altogether: who knows a wrong one learns slower than who knows none."""
        self._module = _aec3()
        self.relearn()

    def relearn(self) -> None:
        """The echo path is a new one."""
        self._loud_frames = 0

    def exchanged(self) -> None:
        """Microphone or speaker are other ones."""
        self._far_end.forget()
        self.relearn()

    @property
    def learning(self) -> bool:
        """True for the first two seconds in which the speaker sounds, and for a moment after a move."""
        unknown = self._loud_frames < LEARNING_FRAMES or self._moved_frames < MOVED_FRAMES
        return unknown and self._quiet_frames < ECHO_FRAMES


def _aec3() -> WebrtcModule:
    return WebrtcModule(echo_cancellation=True, high_pass_filter=True)


class AutoEcho:
    """WebRTC's canceller where there is an echo; the bare microphone where there is none, since the
    canceller takes some of a voice down while the speaker plays.

    Args:
        on_notice: Told what was found, in words for the user, each time it is something else; ears thread.
        always: Whether to cancel also where no echo is found, and to tell nothing.
    """

    def __init__(self, on_notice: Callable[[str], None] = lambda _: None, *, always: bool = False) -> None:
        self._canceller = WebrtcEcho()
        self._always = always
        self._levels = EchoLevels()
        self._search = EchoSearch()
        self._told: bool | None = None
        self._on_notice = on_notice

    @property
    def exists(self) -> bool:
        """Whether there is an echo path; levels alone say so until correlation does."""
        if self._always:
            return True
        if self._search.exists is not None:
            return self._search.exists
        return self._search.doubted or self._levels.exists

    @property
    def learning(self) -> bool:
        """As the canceller, where there is an echo."""
        return self.exists and self._canceller.learning

    @property
    def taken_db(self) -> float:
        """As the canceller, where there is an echo."""
        return self._canceller.taken_db if self.exists else 0.0

    @property
    def far(self) -> Samples:
        """As the canceller."""
        return self._canceller.far

    @property
    def moves(self) -> int:
        """As the canceller."""
        return self._canceller.moves

    @property
    def late(self) -> bool:
        """As the canceller."""
        return self._canceller.late

    def played(self, block: Samples, rate: int, at: float) -> None:
        """Keep what was played until the ears get to it."""
        self._canceller.played(block, rate, at)

    def suspect(self) -> None:
        """Cancel from now on, until it is known whether there is an echo."""
        self._search.doubt()
        self._canceller.relearn()

    def relearn(self) -> None:
        """There may be an echo now, or none any more: cancel until the levels tell."""
        self._search.relearn()
        self._levels.relearn()
        self._canceller.exchanged()

    def process(self, frame: Samples, at: float) -> Samples:
        """The frame without echo, or as it is."""
        clean = self._canceller.process(frame, at)
        self._levels.observe(self._canceller.near_db, self._canceller.far_db)
        existed, sooner = self.exists, self._search.sooner
        self._search.observe(frame, self._canceller.far)
        if self._search.sooner > sooner:
            self._canceller.start_anew()
        elif self.exists and not existed:
            self._canceller.relearn()
        found = self._search.exists
        if not self._always and found is not None and found != self._told:
            self._tell(found)
        return clean if self.exists else frame

    def _tell(self, exists: bool) -> None:
        self._told = exists
        delay = max(0.0, self._search.delay - self._canceller.lead)
        self._on_notice(
            f"Echo heard, {1000 * delay:.0f} ms after it was played: the echo canceller is on."
            if exists
            else "No echo heard (headphones?): the echo canceller rests."
        )
