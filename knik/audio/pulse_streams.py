"""Which devices PulseAudio (or PipeWire in its place) has connected this process's streams to."""

import os
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from knik.audio.follow import STOP_SECONDS, Reports

RETRY_SECONDS = 1.0
SETTLE_SECONDS = 0.2
NUDGE_SECONDS = 0.01


class PulseStreams:
    """Tells when the server has moved a stream of this process; sleeps between its events.

    Where no server runs at the start, sound goes to ALSA itself, where streams never move: then nothing is
    watched. A server that is restarted is found again.
    """

    moves = True

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._pulse: Any = None
        self._changed = False
        self._places: dict[str, Place] = {}
        self._present: set[str] = set()

    def start(self, _kinds: Sequence[str], reports: Reports) -> None:
        """See `Follower`. A mixer moves streams to a chosen device as well: all are watched."""
        self._thread = threading.Thread(target=self._watch, args=(reports,), name="sound server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """See `Follower`."""
        self._stopping.set()
        if self._thread is None:
            return
        for _ in range(round(STOP_SECONDS / NUDGE_SECONDS)):
            with self._lock:
                # Lost when the thread is not listening yet, so it is repeated (see pulsectl's documentation).
                if self._pulse is not None:
                    self._pulse.event_listen_stop()
            self._thread.join(NUDGE_SECONDS)
            if not self._thread.is_alive():
                return

    def _watch(self, reports: Reports) -> None:
        try:
            import pulsectl
        except OSError:  # no libpulse
            return
        found = False
        while not self._stopping.is_set():
            try:
                with pulsectl.Pulse("knik") as pulse:
                    found = True
                    self._follow(pulse, reports)
            except (pulsectl.PulseError, pulsectl.PulseDisconnected):
                if not found:
                    return
                self._stopping.wait(RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - the owner tells
                reports.failed(error)
                return

    def _follow(self, pulse: Any, reports: Reports) -> None:
        import pulsectl

        def leave(_event: object) -> None:
            self._changed = True
            raise pulsectl.PulseLoopStop

        pulse.event_callback_set(leave)
        # A plug in the jack is a change of the device.
        pulse.event_mask_set("sink_input", "source_output", "sink", "source")
        with self._lock:
            self._pulse = pulse
        try:
            while not self._stopping.is_set():
                self._changed = False
                self._look(pulse, reports)
                if not self._changed:
                    pulse.event_listen()
        finally:
            with self._lock:
                self._pulse = None

    def _look(self, pulse: Any, reports: Reports) -> None:
        now = places(pulse)
        moved = _moves(self._places, now)
        if moved:
            reports.left()
            # A device that goes may hand a stream over more than once.
            self._stopping.wait(SETTLE_SECONDS)
            now = places(pulse)
            moved = _moves(self._places, now)
        for kind in now:
            if kind in moved:
                reports.arrived(kind, now[kind].name)
            elif kind not in self._present:
                reports.found(kind, now[kind].name)
        self._present = set(now)
        self._places |= now


@dataclass(frozen=True, slots=True)
class Place:
    """Where a stream is.

    Attributes:
        device: What the server calls the device.
        port: What it calls its port, such as a headphone jack; "" where it has none.
        name: What people call it.
    """

    device: str
    port: str
    name: str


def places(pulse: Any) -> dict[str, Place]:
    """Where this process's streams are now, by "input" and "output"; those that are just being moved are
    left out."""
    import pulsectl

    # PipeWire's streams of ALSA do not know their process, but their clients do.
    own = {
        client.index
        for client in pulse.client_list()
        if client.proplist.get("application.process.id") == str(os.getpid())
    }
    streams = [("input", s.client, pulse.source_info, s.source) for s in pulse.source_output_list()]
    streams += [("output", s.client, pulse.sink_info, s.sink) for s in pulse.sink_input_list()]
    found: dict[str, Place] = {}
    for kind, client, describe, index in streams:
        if client in own:
            with suppress(pulsectl.PulseIndexError):
                found[kind] = place(describe(index))
    return found


def place(device: Any) -> Place:
    """Of pulsectl's description of a device."""
    port = device.port_active
    if port is None:
        return Place(device.name, "", device.description)
    return Place(device.name, port.name, f"{device.description}: {port.description}")


def _moves(before: dict[str, Place], now: dict[str, Place]) -> list[str]:
    """The streams that are somewhere else than they were."""
    return [kind for kind in now if kind in before and now[kind] != before[kind]]
