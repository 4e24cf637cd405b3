"""The sound card, through sounddevice."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from knik.audio.block_filler import BlockFiller
from knik.audio.choose import WORDS, choose_device, portaudio, rescan
from knik.audio.device import CaptureCallback, PlaybackCallback
from knik.audio.follow import Follower, Reports
from knik.audio.formats import open_in_some_format, reason
from knik.audio.resample import to_mono
from knik.audio.strain import Strain
from knik.errors import KnikError

PLAYBACK_RATE = 48_000
"""Hz of the speaker's blocks: what nearly every sound card runs at."""

SILENT_SECONDS = 1.5
"""Time without a callback after which a device counts as lost. ALSA's and PulseAudio's longest
regular gap is their buffer, a fraction of a second."""

CHECK_SECONDS = 0.5
"""Between two looks at the streams."""

FIRST_CALL_SECONDS = 0.2
"""How long `start` waits for the first block."""

RETRY_SECONDS = 0.5

CAPTURE_LATENCY = 0.03
"""Seconds of buffering at least that a microphone gets. They cost no time: blocks are handed over as they
come, and the buffer only holds what nobody has fetched yet."""

DEEPER = 1.5
DEEPEST = 0.1
"""Where the machine is too busy, the speaker's buffers grow by this factor, up to so many seconds."""

STOP_SECONDS = 0.25

Block = npt.NDArray[np.float32]


class PortAudioDevice:
    """Microphone and speaker as two PortAudio streams on one clock.

    A watchdog owns the streams. It notices when callbacks stop coming (unplugged, suspended) and reopens the
    chosen device, or the default one while the chosen one is away. A follower tells when another device
    became the default one, and where the system does not move streams, they are opened anew there.
    Where the machine is too busy to fill the speaker's buffers in time, it makes them larger as soon as the
    speaker is silent.

    Args:
        input: Name, part of a name, or number of the microphone; "" for the default.
        output: The same for the speaker.
        rate: Hz to record at; 0 for the device's own.
        latency: Seconds of buffering to ask for, at first.
        block: Seconds of a callback's block.
        capture: False for a speaker alone.
        playback: False for a microphone alone.
        follower: Watches the default devices while the streams are open.
        on_moved: Called as soon as the sound goes to another device, or comes from one; any thread.
        on_notice: Told what happens to the device, in words for the user; any thread.
    """

    def __init__(
        self,
        input: str | int = "",
        output: str | int = "",
        *,
        rate: int = 0,
        latency: float = 0.02,
        block: float = 0.005,
        capture: bool = True,
        playback: bool = True,
        follower: Follower | None = None,
        on_moved: Callable[[], None] = lambda: None,
        on_notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._choice: dict[str, str | int] = {}
        if capture:
            self._choice["input"] = input
        if playback:
            self._choice["output"] = output
        self._in_use = self._choice
        self._wanted_rate = rate
        self._latency = latency
        self._block = block
        self._follower = follower
        self._stays = threading.Event()
        self._on_moved = on_moved
        self._on_notice = on_notice
        self._streams: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._capture_rate = rate or PLAYBACK_RATE
        self._capture: CaptureCallback = lambda *_: None
        self._playback: PlaybackCallback = lambda *_: None
        self._last_call: dict[str, float] = {}
        self._clock_offset = 0.0
        self._strain = Strain()
        self._sounding = False
        self._wanted_rest = False
        self._rests = False
        self._error: BaseException | None = None
        self._first = "input" if capture else "output"
        self._runs = threading.Event()
        self._stopping = threading.Event()
        self._attention = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="audio watchdog", daemon=True)

    @property
    def name(self) -> str:
        """The devices in use, microphone first; of the default one, which that is, as far as it is known."""
        return " → ".join(self._places.get(kind, name) for kind, name in self._names.items())

    @property
    def capture_rate(self) -> int:
        """Hz of the microphone's blocks."""
        return self._capture_rate

    @property
    def playback_rate(self) -> int:
        """Hz of the speaker's blocks."""
        return PLAYBACK_RATE

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        """Open the streams and begin to call back; raises `KnikError` when that fails.

        Returns with the first block, unless the device is slow: who starts it loads engines next, whose
        imports would hold the interpreter for some tenths of a second.
        """
        self._capture, self._playback = capture, playback
        self._open(self._choice)
        self._watchdog.start()
        self._runs.wait(FIRST_CALL_SECONDS)
        if self._follower is not None:
            followed = [kind for kind, wanted in self._choice.items() if wanted == ""]
            self._follower.start(followed, Reports(self._found, self._on_moved, self._arrived, self._fail))

    def stop(self) -> None:
        """Silence both callbacks at once and close the streams; a second call does nothing.

        The watchdog closes them, because a sound server that hangs would keep whoever does waiting.
        """
        self._stopping.set()
        self._attention.set()
        if self._watchdog.ident is not None:
            self._watchdog.join(STOP_SECONDS)
        if self._follower is not None:
            self._follower.stop()

    def rest_speaker(self, rests: bool) -> None:
        """Stop the speaker's stream until it is needed again: it is most of what an idle listener costs."""
        if rests != self._wanted_rest:
            self._wanted_rest = rests
            self._attention.set()

    def stream_time(self) -> float:
        """PortAudio's clock, also while the device is away.

        Host APIs differ in what they count (ALSA's the seconds since 1970, most others those since the
        computer started), so the callbacks keep its distance from the monotonic clock.
        """
        return time.monotonic() + self._clock_offset

    # Opening.

    def _open(self, choice: dict[str, str | int]) -> None:
        sd = portaudio()
        names: dict[str, str] = {}
        self._rests = self._rests and "output" not in choice
        try:
            for kind, wanted in choice.items():
                index, names[kind] = choose_device(kind, wanted)
                self._streams[kind] = self._open_stream(sd, kind, index, names[kind])
            for kind in choice:
                self._streams[kind].start()
        except sd.PortAudioError as error:
            self._close()
            device = f'device "{[*names.values()][-1]}"' if names else "system"
            raise KnikError(
                f"The sound {device} cannot be opened: {reason(error)}.",
                "Is another program using it? Choose another with --input or --output (knik devices).",
            ) from error
        except KnikError:
            self._close()
            raise
        self._names = {**self._names, **names}
        now = time.monotonic()
        self._in_use = {**self._in_use, **choice}
        self._last_call = {**self._last_call, **dict.fromkeys(choice, now)}
        with suppress(sd.PortAudioError):
            self._clock_offset = self._streams[kind].time - now

    def _open_stream(self, sd: Any, kind: str, index: int, name: str) -> Any:
        info = sd.query_devices(index)
        most = int(info[f"max_{kind}_channels"])
        native = round(info["default_samplerate"])
        first = (self._wanted_rate or native) if kind == "input" else PLAYBACK_RATE

        def make(rate: int, channels: int) -> Any:
            return self._make_stream(sd, kind, index, rate, channels)

        return open_in_some_format(make, (first, native), most, name)

    def _make_stream(self, sd: Any, kind: str, index: int, rate: int, channels: int) -> Any:
        common = {
            "device": index,
            "samplerate": rate,
            "channels": channels,
            "dtype": "float32",
            "latency": max(self._latency, CAPTURE_LATENCY) if kind == "input" else self._latency,
            "blocksize": round(self._block * rate),
        }
        if kind == "input":
            stream = sd.InputStream(callback=self._on_input, **common)
            self._capture_rate = rate
            return stream
        filler = BlockFiller(self._playback, PLAYBACK_RATE, rate)
        return sd.OutputStream(callback=self._guard_output(filler, sd.CallbackAbort), **common)

    def _close(self) -> None:
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            # A device that is gone may refuse even this; there is nothing left to save.
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)

    # Callbacks.

    def _tick(self, kind: str, times: Any) -> float:
        """Note that the device lives; returns the stream time."""
        now = time.monotonic()
        self._last_call[kind] = now
        if times.currentTime:
            self._clock_offset = times.currentTime - now
        return now + self._clock_offset

    def _called(self, kind: str) -> None:
        if kind == self._first and not self._runs.is_set():
            self._runs.set()

    def _on_input(self, block: Block, _frames: int, times: Any, status: Any) -> None:
        try:
            now = self._tick("input", times)
            if self._stopping.is_set():
                return
            mono = np.ascontiguousarray(to_mono(block))
            # Some host APIs leave the time of conversion at zero.
            self._capture(mono, times.inputBufferAdcTime or now, bool(status.input_overflow))
            self._called("input")
        except BaseException as error:  # noqa: BLE001 - a callback must not raise; the watchdog tells
            self._error = error

    def _guard_output(self, filler: "BlockFiller", end: type[Exception]) -> Callable[..., None]:
        """The callback; it raises `end` to end its stream, when it may rest."""

        def on_output(block: Block, _frames: int, times: Any, status: Any) -> None:
            try:
                before = self._last_call.get("output")
                now = self._tick("output", times)
                if before is not None and self._sounding:
                    self._strain.called(self._last_call["output"] - before, self._latency)
                if self._stopping.is_set():
                    block.fill(0.0)
                    return
                filler.fill(block, times.outputBufferDacTime or now, bool(status.output_underflow))
                self._sounding = bool(block.any())
                self._called("output")
            except BaseException as error:  # noqa: BLE001 - a callback must not raise
                block.fill(0.0)
                self._error = error
            if self._wanted_rest and not self._sounding:
                # `abort` would cancel this thread, maybe while it waits for the interpreter, which would
                # then wait for it for ever.
                self._rests = True
                raise end

        return on_output

    # Loss and return.

    def _fail(self, error: Exception) -> None:
        self._error = error

    def _found(self, kind: str, name: str) -> None:
        self._places = {**self._places, kind: name}

    def _arrived(self, kind: str, name: str) -> None:
        self._found(kind, name)
        self._on_notice(f'The {WORDS[kind]} is "{name}" now.')
        if self._follower is not None and not self._follower.moves:
            self._stays.set()

    def _watch(self) -> None:
        """Own the streams from `start` to `stop`."""
        next_check = time.monotonic() + CHECK_SECONDS
        while not self._stopping.is_set():
            self._attention.wait(max(0.0, next_check - time.monotonic()))
            self._attention.clear()
            if self._stopping.is_set():
                break
            if self._rests and not self._wanted_rest:
                self._wake_speaker()
            if time.monotonic() >= next_check:
                self._check()
                next_check = time.monotonic() + CHECK_SECONDS
        self._close()

    def _check(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            self._on_notice(f"Part of the sound failed: {type(error).__name__}: {error}.")
        if self._lost():
            self._recover()
        elif self._stays.is_set():
            if not self._reopen_all():
                self._recover()
        elif self._strain.check() and self._latency < DEEPEST and not self._sounding:
            self._deepen()

    def _lost(self) -> bool:
        """Whether a stream that should run has ended, or is no longer called."""
        running = [kind for kind in self._streams if not (kind == "output" and self._rests)]
        silent_since = min((self._last_call[kind] for kind in running), default=time.monotonic())
        ended = any(not self._streams[kind].active for kind in running)
        return ended or not self._streams or time.monotonic() - silent_since > SILENT_SECONDS

    def _wake_speaker(self) -> None:
        try:
            # Its callback has ended by itself; PortAudio wants to hear of it before it starts another.
            self._streams["output"].stop()
            self._rests = False
            self._streams["output"].start()
            self._last_call["output"] = time.monotonic()
        except (KeyError, portaudio().PortAudioError):
            self._recover()

    def _deepen(self) -> None:
        """Open the speaker anew, with larger buffers."""
        self._strain.forget()
        self._latency = min(DEEPEST, DEEPER * self._latency)
        stream = self._streams.pop("output")
        stream.abort(ignore_errors=True)
        stream.close(ignore_errors=True)
        if self._reopens({"output": self._in_use["output"]}):
            milliseconds = round(1000 * self._latency)
            self._on_notice(
                f"The machine is too busy for the speaker's buffers, which hold {milliseconds} ms now."
            )
        else:
            self._recover()

    def _recover(self) -> None:
        self._on_notice(f"Lost the sound device {self.name}; looking for one.")
        while not self._stopping.is_set():
            if self._reopen_all():
                self._on_notice(f"Sound is back: {self.name}.")
                return
            self._stopping.wait(RETRY_SECONDS)

    def _reopen_all(self) -> bool:
        """Open the chosen device, or the default one, among those that there are now."""
        self._stays.clear()
        before, self._places = self._names, {}
        self._close()
        rescan()
        default: dict[str, str | int] = dict.fromkeys(self._choice, "")
        if not (self._reopens(self._choice) or (self._choice != default and self._reopens(default))):
            return False
        if self._names != before:
            self._on_moved()
        return True

    def _reopens(self, choice: dict[str, str | int]) -> bool:
        try:
            self._open(choice)
        except KnikError:
            return False
        return not self._stopping.is_set()
