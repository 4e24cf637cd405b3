"""One conversation: owns the device, the threads and what flows between them."""

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np

from knik.audio.device import AudioDevice
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.level import SILENCE_DB
from knik.dialogue.events import StopRequested, Typed
from knik.dialogue.history import History
from knik.dialogue.turns import Phase, TurnConfig
from knik.engines.protocols import EngineInfo, VoiceSettings
from knik.session.conductor import Conductor
from knik.session.ears import Ears
from knik.session.gauge import WorkGauge
from knik.session.inbox import Inbox
from knik.session.journal import Journal
from knik.session.loop import Loop
from knik.session.messages import (
    DeviceMoved,
    ForgetAll,
    InputEnded,
    Message,
    Nudge,
    SpeedChosen,
    TalkKey,
    VoiceChosen,
    WhenListening,
)
from knik.session.pipeline import EngineLoaders, Pipeline
from knik.session.playback import DUCK_DB, Playback
from knik.trace.turns import Tracer

JOIN_SECONDS = 0.3
"""How long `stop` waits for engines that are inside foreign code; their threads are daemons."""


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How the conversation is held.

    Attributes:
        rules: The rules of turn-taking.
        system: The system prompt.
        history_chars: Characters of conversation given to the chat model.
        voice: How to speak.
        reflexes: Whether simple requests are answered without the chat model.
        fillers: Whether something short is said when the answer will be late.
        duck_db: By how much the voice is lowered while somebody may be about to speak.
    """

    rules: TurnConfig = field(default_factory=TurnConfig)
    system: str = ""
    history_chars: int = 8_000
    voice: VoiceSettings = field(default_factory=VoiceSettings)
    reflexes: bool = True
    fillers: bool = True
    duck_db: float = DUCK_DB


@dataclass(frozen=True, slots=True)
class View:
    """What a screen shows, taken at one moment.

    Attributes:
        phase: Whose turn it is.
        level_db: Level of the microphone's last 10 ms in dBFS.
        engines: The engines that are loaded, by stage.
        dropped_frames: Blocks of the microphone that were lost.
        underruns: Blocks of the speaker that had to be left silent.
        rejected: Transcripts that were thrown away as inventions.
        device: What the screen calls the sound device; "" where there is none.
    """

    phase: Phase
    level_db: float
    engines: dict[str, EngineInfo]
    dropped_frames: int
    underruns: int
    rejected: int
    device: str = ""


class Session:
    """A conversation between `start` and `stop`; also a context manager.

    Args:
        loaders: How to build the engines.
        device: Where sound comes from and goes to, or None for a conversation in text.
        ears: What hears, or None when nothing is heard.
        settings: How the conversation is held.
        tracer: Collects the measured stages.
    """

    def __init__(
        self,
        loaders: EngineLoaders,
        device: AudioDevice | None,
        ears: Ears | None,
        settings: SessionSettings,
        tracer: Tracer,
    ) -> None:
        self.journal = Journal()
        self.tracer = tracer
        for note in loaders.notes:
            self.journal.add("notice", 0, note)
        self.history = History(settings.system, settings.history_chars)
        self._device = device
        self._ears = ears
        self._gauge = WorkGauge()
        self._inbox: Inbox[Message] = Inbox(self._gauge)
        self._playback = Playback(self._inbox.post, self._gauge, settings.duck_db)
        self._engines: dict[str, EngineInfo] = {}
        self._ended = threading.Event()
        self._error: Exception | None = None
        self._epoch = time.monotonic()
        self._stopped_at: float | None = None
        self._pipeline = Pipeline(
            loaders,
            inbox=self._inbox,
            tracer=tracer,
            gauge=self._gauge,
            system=self.history.messages(),
            voice=settings.voice,
            on_ready=self._engine_ready,
            on_dead=self.fail,
        )
        self._conductor = Conductor(
            settings.rules,
            history=self.history,
            pipeline=self._pipeline,
            playback=self._playback,
            tracer=tracer,
            journal=self.journal,
            slice_audio=self._slice_audio,
            playback_rate=self._playback_rate,
            now=self.now,
            stream_now=self._stream_now,
            reflexes=settings.reflexes,
            fillers=settings.fillers,
            voice=settings.voice,
            bear=ears.bear if ears is not None else lambda _: None,
            hurry=ears.hurry if ears is not None else lambda: None,
            on_end=self._ended.set,
        )
        self._loop = Loop(
            self._inbox,
            self._conductor,
            ears,
            now=self.now,
            sample_at=self._sample_at,
            stream_now=self._stream_now,
            rest_speaker=device.rest_speaker if device is not None else lambda _: None,
            on_quiet=self._ended.set,
        )
        self._thread = threading.Thread(target=self._run, name="ears", daemon=True)

    # Life.

    def start(self) -> None:
        """Open the device, then start the threads; listening begins before the models are loaded.

        Raises `KnikError` when the device cannot be opened.
        """
        if self._device is not None:
            self._device.start(self._capture, self._fill)
        self._pipeline.start()
        self._thread.start()

    def end(self) -> None:
        """Let `wait` return; any thread may call it."""
        self._ended.set()

    def stop(self) -> bool:
        """End the conversation at once; a second call does nothing.

        Sound stops first, then the ears, then the workers.

        Returns:
            False when a worker is inside foreign code and did not return in time. It is left
            behind: a daemon that holds nothing of the user's.
        """
        self._ended.set()
        if self._device is not None and self._stopped_at is None:
            self._stopped_at = self._device.stream_time()
        self._loop.stop()
        self._gauge.close()
        if self._device is not None:
            self._device.stop()
        if self._thread.ident is not None:
            self._thread.join(JOIN_SECONDS)
        self._pipeline.stop()
        return self._pipeline.join(JOIN_SECONDS)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the conversation's end; False when `timeout` seconds have passed first.

        Raises what went wrong in a thread or an engine, a `KnikError` where it can be mended.
        """
        ended = self._ended.wait(timeout)
        if self._error is not None:
            raise self._error
        return ended

    def fail(self, error: Exception) -> None:
        """End the conversation because of `error`, which `wait` raises; any thread may call it."""
        self._error = self._error or error
        self._ended.set()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            self._loop.run()
        except Exception as error:  # noqa: BLE001 - surfaced by `wait`
            self.fail(error)
            self._gauge.close()

    def _engine_ready(self, stage: str, info: EngineInfo) -> None:
        self._engines = {**self._engines, stage: info}

    # What the user does beside talking.

    def type_line(self, text: str) -> None:
        """Say `text` by keyboard."""
        self._inbox.post(Typed(self.now(), text))

    def stop_speaking(self) -> None:
        """Be silent now."""
        self._inbox.post(StopRequested(self.now()))

    def talk_key(self) -> None:
        """Start an utterance, or end the one that goes on (push-to-talk)."""
        self._inbox.post(TalkKey())

    def choose_speed(self, speed: float) -> None:
        """Speak at `speed` from the next reply on; 1.0 is the voice's own."""
        self._inbox.post(SpeedChosen(speed))

    def choose_voice(self, voice: str) -> None:
        """Speak with `voice` from the next reply on."""
        self._inbox.post(VoiceChosen(voice))

    def forget(self) -> None:
        """Begin the conversation anew."""
        self._inbox.post(ForgetAll())

    def device_moved(self) -> None:
        """Microphone or speaker are other ones now; any thread may call it."""
        self._inbox.post(DeviceMoved())

    def end_when_quiet(self) -> None:
        """No more input will come: end once the last reply was heard."""
        self._inbox.post(InputEnded())

    def wait_until_listening(self) -> None:
        """Block until everything said so far was answered, or the conversation has ended."""
        listening = threading.Event()
        self._inbox.post(WhenListening(listening))
        while not self._ended.is_set() and not listening.wait(0.2):
            pass

    # What a screen and a file device need.

    def view(self) -> View:
        """What a screen shows at this moment."""
        ears = self._ears
        return View(
            phase=self._conductor.state.phase,
            level_db=ears.level_db if ears is not None else SILENCE_DB,
            engines=self._engines,
            dropped_frames=ears.lost_blocks if ears is not None else 0,
            underruns=self._playback.underruns + self._playback.device_underflows,
            rejected=sum(n for name, n in self.tracer.counters.items() if name.startswith("rejected")),
            device=self._device.name if self._device is not None else "",
        )

    def settle(self) -> None:
        """Block until everything heard so far is dealt with: a file's way to outrun real time."""
        if not self._ended.is_set():
            self._inbox.post(Nudge())
            self._gauge.settle()

    # Time.

    def now(self) -> int:
        """The session's clock: 16 kHz samples of the microphone, or of time where there is none."""
        if self._ears is not None:
            return self._sample_at(self._stream_now())
        return round((time.monotonic() - self._epoch) * SAMPLE_RATE)

    def _stream_now(self) -> float:
        if self._stopped_at is not None:
            return self._stopped_at
        return self._device.stream_time() if self._device is not None else 0.0

    def _sample_at(self, stream_time: float) -> int:
        return self._ears.clock.sample_at(stream_time) if self._ears is not None else self.now()

    def _playback_rate(self) -> int:
        return self._device.playback_rate if self._device is not None else SAMPLE_RATE

    # Sound.

    def _capture(self, block: Samples, adc_time: float, overflow: bool) -> None:
        if self._ears is not None and self._device is not None:
            self._ears.capture(block, self._device.capture_rate, adc_time, overflow)
            if self._ears.due:
                self._inbox.wake()

    def _fill(self, out: Samples, dac_time: float, underflow: bool) -> None:
        self._playback.fill(out, dac_time, underflow)
        if self._ears is not None and self._device is not None:
            self._ears.played(out, self._device.playback_rate, dac_time)
            if self._ears.waits:
                self._inbox.wake()

    def _slice_audio(self, start: int, end: int) -> Samples:
        if self._ears is None:
            return np.zeros(0, np.float32)
        return self._ears.said(start, end)
