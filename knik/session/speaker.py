"""Plays a stream of samples as it is made."""

import threading
from types import TracebackType
from typing import Self

import numpy as np

from knik.audio.device import AudioDevice
from knik.audio.frames import Samples
from knik.audio.resample import StreamResampler
from knik.cancel import CancelToken
from knik.session.gauge import WorkGauge
from knik.session.playback import Playback, PlaybackNote


class Speaker:
    """A sink that plays; leaving the context waits until everything was heard.

    Args:
        device: The speaker.
        rate: Hz of what is written.
        cancel: Stops the sound at once.
    """

    def __init__(self, device: AudioDevice, rate: int, cancel: CancelToken) -> None:
        self._device = device
        self._rate = rate
        self._cancel = cancel
        self._finished = threading.Event()
        self._heard_at = 0.0
        self._playback = Playback(self._note, WorkGauge())
        self._resampler: StreamResampler | None = None

    def _note(self, note: PlaybackNote) -> None:
        if note.kind == "finished":
            self._heard_at = note.stream_time
            self._finished.set()

    def __enter__(self) -> Self:
        self._device.start(lambda *_: None, self._playback.fill)
        rate = self._device.playback_rate
        self._resampler = StreamResampler(self._rate, rate)
        self._sound = self._playback.sound(1, rate, self._cancel)
        self._playback.release(self._sound)
        self._cancel.on_cancel(self._finished.set)
        return self

    def write(self, samples: Samples) -> None:
        """Append samples of shape (n,); waits while the speaker is far behind."""
        assert self._resampler is not None
        self._sound.push(self._resampler.process(samples))

    def close(self) -> None:
        """Wait until everything was heard."""
        assert self._resampler is not None
        self._sound.push(self._resampler.process(np.zeros(0, np.float32), last=True))
        self._sound.close()
        while not self._finished.wait(0.2):
            # In slices, since on Windows a wait without end holds Ctrl-C up.
            pass
        # The last block was handed over; it sounds a little later.
        self._cancel.wait(min(1.0, max(0.0, self._heard_at - self._device.stream_time() + 0.02)))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self._cancel.cancel()
            self._device.stop()
