"""A device between a real one and the session, on which things go wrong at a chosen second."""

from dataclasses import dataclass

import numpy as np
import soxr

from knik.audio.device import AudioDevice, CaptureCallback, PlaybackCallback
from knik.audio.frames import Samples


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong, and when, in seconds on the device's clock.

    Attributes:
        gone: From when until when nothing is called back, as if it were unplugged.
        narrow: From when on the microphone gives 8 kHz, as a Bluetooth headset in a call does.
        dry: From when until when the speaker runs dry and the microphone loses blocks.
    """

    gone: tuple[float, float] | None = None
    narrow: float | None = None
    dry: tuple[float, float] | None = None


class TroubledDevice:
    """Passes everything through but for its trouble."""

    def __init__(self, device: AudioDevice, trouble: Trouble) -> None:
        self._device, self._trouble = device, trouble
        self._rate = device.capture_rate

    @property
    def name(self) -> str:
        return self._device.name

    @property
    def capture_rate(self) -> int:
        return self._rate

    @property
    def playback_rate(self) -> int:
        return self._device.playback_rate

    def rest_speaker(self, rests: bool) -> None:
        self._device.rest_speaker(rests)

    def stream_time(self) -> float:
        return self._device.stream_time()

    def stop(self) -> None:
        self._device.stop()

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        trouble = self._trouble

        def captured(block: Samples, at: float, lost: bool) -> None:
            if _within(at, trouble.gone) or (_within(at, trouble.dry) and round(at * 100) % 7 == 0):
                return
            if trouble.narrow is not None and at >= trouble.narrow:
                self._rate = 8_000
                block = np.asarray(soxr.resample(block, self._device.capture_rate, 8_000), np.float32)
            capture(block, at, lost or _within(at, trouble.dry))

        def played(out: Samples, at: float, dry: bool) -> None:
            if _within(at, trouble.gone):
                out.fill(0.0)
            else:
                playback(out, at, dry or _within(at, trouble.dry))

        self._device.start(captured, played)


def _within(at: float, span: tuple[float, float] | None) -> bool:
    return span is not None and span[0] <= at < span[1]
