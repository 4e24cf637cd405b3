"""Learns when the sound goes to another device than before, because the user or the system chose it.

The sound servers of Linux move running streams themselves and do not tell ALSA's clients. On macOS and
Windows nobody moves them: they stay on the device that was the default one when they were opened.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

OnMove = Callable[[str, str], None]
"""Told "input" or "output" and the name of the device that it is now; any thread, in no hurry."""

OnError = Callable[[Exception], None]
"""Told what ended the watch."""

LOOK_SECONDS = 0.5
STOP_SECONDS = 0.05


class Follower(Protocol):
    """Watches where the sound goes, from `start` to `stop`."""

    moves: bool
    """Whether the system has moved the streams already when `on_move` is called."""

    def start(self, kinds: Sequence[str], on_move: OnMove, on_error: OnError) -> None:
        """Begin to watch, and return at once; once. What cannot be watched is never told.

        Args:
            kinds: Of "input" and "output", those that the user left to the system.
            on_move: Told each move.
            on_error: Told why nothing is watched any more, where that is a mistake.
        """
        ...

    def stop(self) -> None:
        """Watch no longer; within `STOP_SECONDS`, also when the system hangs. A second call does nothing."""
        ...


def follower() -> Follower:
    """The one for this system."""
    if sys.platform == "linux":
        from knik.audio.pulse_streams import PulseStreams

        return PulseStreams()
    return SystemDefaults()


class SystemDefaults:
    """Asks for the default devices twice a second, through the soundcard package."""

    moves = False

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, kinds: Sequence[str], on_move: OnMove, on_error: OnError) -> None:
        """See `Follower`."""
        if not kinds:
            return
        self._thread = threading.Thread(
            target=self._watch, args=(kinds, on_move, on_error), name="default devices", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """See `Follower`."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _watch(self, kinds: Sequence[str], on_move: OnMove, on_error: OnError) -> None:
        try:
            # Windows' COM serves the thread that imports it.
            import soundcard
        except Exception as error:  # noqa: BLE001 - the owner tells
            on_error(error)
            return
        ask: dict[str, Callable[[], Any]] = {
            "input": soundcard.default_microphone,
            "output": soundcard.default_speaker,
        }
        known: dict[str, str] = {}
        while True:
            for kind in kinds:
                try:
                    device = ask[kind]()
                    name, key = str(device.name), str(device.id)
                except Exception:  # noqa: BLE001 - there is none just now
                    continue
                before, known[kind] = known.get(kind), key
                if before not in (None, key):
                    on_move(kind, name)
            if self._stopping.wait(LOOK_SECONDS):
                return
