"""The second recording of each pair interrupts the answer to the first."""

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from knik.audio.device import AudioDevice, CaptureCallback, PlaybackCallback
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.wavfile import WavDevice, read_audio
from knik.bench.conditions import Condition
from knik.bench.references import Recording
from knik.bench.results import Measurement, Results
from knik.bench.runs import LEAD_SECONDS, PATIENCE_SECONDS, engine_names, loaded_once, skipping
from knik.errors import KnikError
from knik.session.assembly import engine_loaders
from knik.session.pipeline import EngineLoaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer

SPEAKING_SECONDS = 1.0
"""How long the answer is heard before it is interrupted."""

SILENT_SECONDS = 0.5
"""Silence after which the answer counts as stopped."""

AUDIBLE = 0.004
"""Amplitude (-48 dBFS) from which the speaker counts as heard."""

VOICED = 0.1
"""Share of a recording's peak from which it counts as speech."""


class InterruptedDevice:
    """Another device, into whose microphone `speech` falls once the speaker has been heard for a while.

    Args:
        device: Calls both callbacks from one thread.
        speech: 16 kHz samples.
        on_over: Called once the speaker has been silent after the interruption.
    """

    def __init__(self, device: AudioDevice, speech: Samples, on_over: Callable[[], None]) -> None:
        self._device = device
        self._speech = speech
        self._on_over = on_over
        self._onset = int(np.flatnonzero(np.abs(speech) > VOICED * np.max(np.abs(speech)))[0]) / SAMPLE_RATE
        self._heard_from: float | None = None
        self._began: float | None = None
        self._last_heard = 0.0
        self._over = False

    @property
    def stopped_after(self) -> float | None:
        """Seconds from the first voiced sample of the interruption to the last sound of the answer."""
        if not self._over or self._began is None:
            return None
        return max(0.0, self._last_heard - self._began - self._onset)

    @property
    def name(self) -> str:
        return self._device.name

    @property
    def capture_rate(self) -> int:
        return self._device.capture_rate

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
        def captured(block: Samples, at: float, lost: bool) -> None:
            if self._began is not None:
                start = round((at - self._began) * SAMPLE_RATE)
                part = self._speech[start : start + block.size]
                block[: part.size] += part
            elif self._heard_from is not None and at - self._heard_from >= SPEAKING_SECONDS:
                self._began = at + block.size / SAMPLE_RATE
            capture(block, at, lost)

        def played(out: Samples, at: float, dry: bool) -> None:
            playback(out, at, dry)
            self._listen(out, at)

        self._device.start(captured, played)

    def _listen(self, out: Samples, at: float) -> None:
        loud = np.flatnonzero(np.abs(out) > AUDIBLE)
        if self._over:
            return
        if loud.size:
            self._heard_from = at if self._heard_from is None else self._heard_from
            self._last_heard = at + (int(loud[-1]) + 1) / self._device.playback_rate
            return
        interrupted = self._began is not None and at > self._began + self._onset
        if interrupted and at - self._last_heard >= SILENT_SECONDS:
            self._over = True
            self._on_over()


def run_interruptions(
    condition: Condition,
    files: Sequence[Recording],
    repeats: int,
    results: Results,
    advance: Callable[[Recording], None],
) -> None:
    """Interrupt the answer to each first recording with the second; `stop` is measured.

    Raises:
        KnikError: There are fewer than two recordings, or an engine cannot be loaded.
    """
    pairs = list(zip(files[::2], files[1::2], strict=False))
    if not pairs:
        raise KnikError(
            "An interruption takes two recordings.", "Give a folder with more files.", exit_code=2
        )
    with loaded_once(engine_loaders(condition.config)) as loaders:
        results.engines = engine_names(loaders)
        for repeat in range(1, repeats + 1):
            for first, second in pairs:
                with skipping(second, repeat, results):
                    results.measurements.append(_interrupted(condition, loaders, first, second, repeat))
                advance(second)


def _interrupted(
    condition: Condition, loaders: EngineLoaders, first: Recording, second: Recording, repeat: int
) -> Measurement:
    made: list[Session] = []
    over = threading.Event()
    wav = WavDevice(
        first.path, None, lead=LEAD_SECONDS, realtime=True, on_error=lambda error: made[0].fail(error)
    )
    speech = condition.mix(read_audio(second.path))
    if not np.any(speech):
        raise KnikError(f"{second.path}: is silent.", "Give a recording with speech in it.")
    device = InterruptedDevice(wav, speech, over.set)
    config, tracer = condition.config, Tracer()
    made.append(Session(loaders, device, make_ears(config), session_settings(config), tracer))
    deadline = time.monotonic() + LEAD_SECONDS + wav.seconds + PATIENCE_SECONDS / 4
    with made[0]:
        over.wait(max(0.0, deadline - time.monotonic()))
    if device.stopped_after is None:
        raise KnikError(f"{second.path}: interrupted nothing.", "Is there speech in both recordings?")
    heard = " ".join(trace.user for trace in tracer.finished if trace.user)
    return Measurement(second.path, repeat, speech.size / SAMPLE_RATE, {"stop": device.stopped_after}, heard)
