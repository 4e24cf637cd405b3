"""Which devices PulseAudio (or PipeWire in its place) has connected this process's streams to."""

import os
import threading
from collections.abc import Sequence
from typing import Any

from knik.audio.follow import STOP_SECONDS, OnError, OnMove

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
        self._places: dict[str, str] = {}

    def start(self, _kinds: Sequence[str], on_move: OnMove, on_error: OnError) -> None:
        """See `Follower`. A mixer moves streams to a chosen device as well: all are watched."""
        self._thread = threading.Thread(
            target=self._watch, args=(on_move, on_error), name="sound server", daemon=True
        )
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

    def _watch(self, on_move: OnMove, on_error: OnError) -> None:
        try:
            import pulsectl
        except OSError:  # no libpulse
            return
        found = False
        while not self._stopping.is_set():
            try:
                with pulsectl.Pulse("knik") as pulse:
                    found = True
                    self._follow(pulse, on_move)
            except (pulsectl.PulseError, pulsectl.PulseDisconnected):
                if not found:
                    return
                self._stopping.wait(RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001 - the owner tells
                on_error(error)
                return

    def _follow(self, pulse: Any, on_move: OnMove) -> None:
        import pulsectl

        def leave(_event: object) -> None:
            self._changed = True
            raise pulsectl.PulseLoopStop

        pulse.event_callback_set(leave)
        pulse.event_mask_set("sink_input", "source_output")
        with self._lock:
            self._pulse = pulse
        try:
            while not self._stopping.is_set():
                self._changed = False
                self._look(pulse, on_move)
                if not self._changed:
                    pulse.event_listen()
                # A device that goes may hand a stream over more than once.
                self._stopping.wait(SETTLE_SECONDS)
        finally:
            with self._lock:
                self._pulse = None

    def _look(self, pulse: Any, on_move: OnMove) -> None:
        import pulsectl

        # PipeWire's streams of ALSA do not know their process, but their clients do.
        own = {
            client.index
            for client in pulse.client_list()
            if client.proplist.get("application.process.id") == str(os.getpid())
        }
        for kind, streams, device, named in (
            ("input", pulse.source_output_list, "source", pulse.source_info),
            ("output", pulse.sink_input_list, "sink", pulse.sink_info),
        ):
            for stream in streams():
                if stream.client not in own:
                    continue
                try:
                    place = named(getattr(stream, device))
                except pulsectl.PulseIndexError:  # just being moved
                    continue
                before, self._places[kind] = self._places.get(kind), place.name
                if before not in (None, place.name):
                    on_move(kind, place.description)
