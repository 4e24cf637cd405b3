"""Taking the assistant's own voice out of the microphone."""

from typing import Protocol

from knik.audio.frames import Samples


class EchoCanceller(Protocol):
    """Works on 10 ms frames at 16 kHz, shape (160,)."""

    def process(self, frame: Samples) -> Samples:
        """The microphone's frame without what the loudspeaker played. Ears thread."""
        ...

    def played(self, block: Samples, rate: int) -> None:
        """What went to the loudspeaker, at `rate` Hz. Playback callback: never blocks."""
        ...
