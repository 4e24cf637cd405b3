"""Learns when the sound goes to another device than before, because the user or the system chose it.

The sound servers of Linux move running streams themselves and do not tell ALSA's clients. On macOS and
Windows nobody moves them: they stay on the device that was the default one when they were opened.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Reports:
    """Whom a follower tells; it calls from a thread of its own.

    Attributes:
        found: Told "input" or "output" and the name of the device, once a stream is there (again).
        left: Called as soon as the system has moved a stream: what was known of its device does not hold.
        arrived: Told the same of the device that it is then, once nothing moves.
        failed: Told why nothing is watched any more, where that is a mistake.
    """

    found: Callable[[str, str], None]
    left: Callable[[], None]
    arrived: Callable[[str, str], None]
    failed: Callable[[Exception], None]


LOOK_SECONDS = 0.5
STOP_SECONDS = 0.05


class Follower(Protocol):
    """Watches where the sound goes, from `start` to `stop`."""

    moves: bool
    """Whether the system moves the streams; otherwise they have to be opened anew."""

    def start(self, kinds: Sequence[str], reports: Reports) -> None:
        """Begin to watch, and return at once; once. What cannot be watched is never told.

        Args:
            kinds: Of "input" and "output", those that the user left to the system.
            reports: Who is told.
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

    def start(self, kinds: Sequence[str], reports: Reports) -> None:
        """See `Follower`."""
        if not kinds:
            return
        self._thread = threading.Thread(
            target=self._watch, args=(kinds, reports), name="default devices", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """See `Follower`."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def _watch(self, kinds: Sequence[str], reports: Reports) -> None:
        try:
            # Windows' COM serves the thread that imports it.
            import soundcard
        except Exception as error:  # noqa: BLE001 - the owner tells
            reports.failed(error)
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
                if before is None:
                    reports.found(kind, name)
                elif before != key:
                    reports.arrived(kind, name)
            if self._stopping.wait(LOOK_SECONDS):
                return
