"""A sound card in a simulated room, faster than real time: the microphone hears the talker, the noise and
what comes back of the speaker, as it was really played."""

import threading
from collections.abc import Callable

import numpy as np

from knik.audio.device import CaptureCallback, PlaybackCallback
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from tests.rig.room.echo_path import EchoPath, loudspeaker
from tests.rig.room.live import Convolver

TOLD_AFTER = 0.02
"""Seconds from a move to the report of it."""


class RoomDevice:
    """An `AudioDevice` on 16 kHz; time passes as fast as everything that a block sets off is done.

    Args:
        near: What the microphone hears beside the echo, 16 kHz; with its end the conversation ends.
        path: From the speaker to the microphone; None for headphones.
        settle: Blocks until everything that the last block set off is done.
        echo_from: Second from which the microphone hears the speaker at all: headphones that are pulled out.
        on_moved: Called `TOLD_AFTER` seconds later, as a sound server does; None where nobody tells.
        on_end: Called once, when `near` is over.
        on_error: Called when the driving thread fails.
    """

    def __init__(
        self,
        near: Samples,
        path: EchoPath | None,
        *,
        settle: Callable[[], None],
        on_end: Callable[[], None],
        on_error: Callable[[Exception], None],
        echo_from: float = 0.0,
        on_moved: Callable[[], None] | None = None,
    ) -> None:
        self._near = near
        self._path = path
        self._echo_from = echo_from
        self._on_moved = on_moved
        self._settle = settle
        self._on_end = on_end
        self._on_error = on_error
        self._blocks = 0
        self._begun = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self.spoken_seconds = 0.0
        """Time in which the speaker was not silent."""

    @property
    def name(self) -> str:
        """What it is."""
        return "simulated room"

    @property
    def capture_rate(self) -> int:
        """16 kHz."""
        return SAMPLE_RATE

    @property
    def playback_rate(self) -> int:
        """16 kHz."""
        return SAMPLE_RATE

    def rest_speaker(self, rests: bool) -> None:
        """The room is simulated: it costs nothing."""

    def stream_time(self) -> float:
        """Seconds fed so far."""
        return self._blocks * FRAME_SAMPLES / SAMPLE_RATE

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        """Start the thread that calls back; the first time after `begin`."""
        self._thread = threading.Thread(target=self._run, args=(capture, playback), daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Let time pass."""
        self._begun.set()

    def stop(self) -> None:
        """End the thread; a second call does nothing."""
        self._stopping.set()
        self._begun.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def _run(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        try:
            self._feed(capture, playback)
        except Exception as error:  # noqa: BLE001 - surfaced by the session
            self._on_error(error)

    def _feed(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        room = self._room()
        out = np.zeros(FRAME_SAMPLES, np.float32)
        self._begun.wait()
        self._settle()
        for start in range(0, self._near.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
            if self._stopping.is_set():
                return
            at = self.stream_time()
            playback(out, at, False)
            self.spoken_seconds += bool(out.any()) * FRAME_SAMPLES / SAMPLE_RATE
            echo = room(out) * np.float32(at >= self._echo_from)
            if self._on_moved is not None and at >= self._echo_from + TOLD_AFTER:
                self._on_moved()
                self._on_moved = None
            capture(self._near[start : start + FRAME_SAMPLES] + echo, at, False)
            self._blocks += 1
            self._settle()
        self._on_end()

    def _room(self) -> Callable[[Samples], Samples]:
        path = self._path
        if path is None:
            return np.zeros_like
        response = path.response(SAMPLE_RATE) * np.float32(10 ** (path.gain_db / 20))
        delay = np.zeros(round(path.delay * SAMPLE_RATE), np.float32)
        convolver = Convolver(np.concatenate([delay, response]), FRAME_SAMPLES)
        return lambda block: convolver.process(loudspeaker(block, path.distortion))
