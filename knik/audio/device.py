"""Where sound comes from and goes to."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from knik.audio.frames import Samples

CaptureCallback: TypeAlias = Callable[[Samples, float, bool], None]
"""Takes a block of the microphone: mono samples of shape (n,) at `capture_rate`, the stream time of
the first one in seconds, and whether samples were lost before it. Must not block or raise."""

PlaybackCallback: TypeAlias = Callable[[Samples, float, bool], None]
"""Fills a block for the speaker in place: mono samples of shape (n,) at `playback_rate`, the stream
time at which the first one sounds, and whether the speaker ran dry before it. Must not block or
raise."""


class AudioDevice(Protocol):
    """A microphone, a speaker, or both, on one clock."""

    @property
    def name(self) -> str:
        """What the screen calls it."""
        ...

    @property
    def capture_rate(self) -> int:
        """Hz of the microphone's blocks; may change when the device is exchanged."""
        ...

    @property
    def playback_rate(self) -> int:
        """Hz of the speaker's blocks; the same for the device's whole life."""
        ...

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        """Begin to call back; raises `KnikError` when the device cannot be opened."""
        ...

    def stop(self) -> None:
        """End; returns within 0.3 s, and after that nothing is called back."""
        ...

    def rest_speaker(self, rests: bool) -> None:
        """Nobody needs the speaker for now, or (False) from now on; any thread, and returns at once.

        A device may save itself its callbacks meanwhile. It is ready again some milliseconds after it is
        needed.
        """
        ...

    def stream_time(self) -> float:
        """The present moment in seconds, on the clock of the callbacks' times."""
        ...
