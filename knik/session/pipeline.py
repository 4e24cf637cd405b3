"""The three workers and the jobs that a turn gives them: hear, write, speak."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import numpy as np

from knik.audio.frames import Samples
from knik.audio.resample import StreamResampler
from knik.cancel import Cancelled, CancelToken
from knik.dialogue.events import Failed, Transcribed
from knik.dialogue.history import without_older_half
from knik.dialogue.reflex import ReflexContext, respond
from knik.engines.protocols import (
    ChatModel,
    ContextFull,
    EngineInfo,
    Message,
    SpeechChunk,
    Synthesizer,
    Transcriber,
    VoiceSettings,
)
from knik.errors import KnikError
from knik.session.filler_bank import FillerBank
from knik.session.gauge import WorkGauge
from knik.session.inbox import Inbox
from knik.session.live_turn import LiveTurn
from knik.session.messages import (
    ClauseWritten,
    EffectsReady,
    HistoryTooLong,
    Rehearsed,
    ReplyBegun,
    ReplyWritten,
)
from knik.session.messages import Message as Note
from knik.session.playback import Sound
from knik.session.worker import Job, Worker
from knik.text.clauses import ClauseSplitter
from knik.text.normalise import speech_text
from knik.text.pace import Pace
from knik.text.printable import printable
from knik.text.transcripts import clean_transcript
from knik.trace.turns import Tracer

EngineT = TypeVar("EngineT", Transcriber, ChatModel, Synthesizer)

NO_TURN = 0
"""The id of work that belongs to no turn; the dialogue drops what is reported of it."""

FIRST_SOUND_SECONDS = 2.0
"""Longest time that the chat model stands back for the first clause."""

SAMPLE_CLAUSE = "This is how fast I speak."
"""Nobody hears it; it tells how long the clauses of the first reply may be."""

OVERLOADED = "too much work is waiting; this machine is too slow for these models"


@dataclass(frozen=True, slots=True)
class EngineLoaders:
    """How to build each engine, on its own worker's thread.

    Attributes:
        transcriber: None for a session that only reads typed lines.
        chat: The chat model.
        synthesizer: None for a session that only shows its replies.
        notes: What the user should know about the choice.
    """

    transcriber: Callable[[], Transcriber] | None
    chat: Callable[[], ChatModel]
    synthesizer: Callable[[], Synthesizer] | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """What the chat worker needs to know, taken when the reply was asked for.

    Attributes:
        utterance: What the user said.
        messages: The conversation, ending with the utterance.
        last_reply: What "repeat that" repeats.
        speed: The present speed of the voice.
        reflexes: Whether simple requests are answered without the chat model.
    """

    utterance: str
    messages: list[Message]
    last_reply: str
    speed: float
    reflexes: bool


class Pipeline:
    """Owns the worker threads.

    Args:
        loaders: How to build the engines.
        inbox: Where results go.
        tracer: Where measured stages go.
        gauge: Counts the work under way.
        system: Messages to evaluate ahead of the first turn.
        voice: How the first turn will be spoken.
        on_ready: Called with a stage's name and its engine's description once it is loaded.
        on_dead: Called with the exception of an engine that could not be loaded.
    """

    def __init__(
        self,
        loaders: EngineLoaders,
        *,
        inbox: Inbox[Note],
        tracer: Tracer,
        gauge: WorkGauge,
        system: list[Message],
        voice: VoiceSettings,
        on_ready: Callable[[str, EngineInfo], None],
        on_dead: Callable[[Exception], None],
    ) -> None:
        self._inbox = inbox
        self._tracer = tracer
        self._gauge = gauge
        self._system = system
        self._first_voice = voice
        self._on_ready = on_ready
        self._on_dead = on_dead
        self._stop = CancelToken()
        self._preparing = CancelToken()
        self._trying = CancelToken()
        self._pace = Pace()
        self.fillers = FillerBank()
        self._may_warm_up = False
        self.reads_along = False
        """Whether the chat model gains from a prompt that it sees early."""
        self._chat = self._worker("chat", loaders.chat, self._warm_up_chat)
        self._transcription: Worker[Transcriber] | None = None
        if loaders.transcriber is not None:
            self._transcription = self._worker("transcription", loaders.transcriber)
        self._synthesis: Worker[Synthesizer] | None = None
        if loaders.synthesizer is not None:
            self._synthesis = self._worker("synthesis", loaders.synthesizer, self._warm_up_synthesis)

    def _worker(
        self, stage: str, load: Callable[[], EngineT], warm_up: Callable[[EngineT], None] = lambda _: None
    ) -> Worker[EngineT]:
        def ready(engine: EngineT) -> None:
            self._on_ready(stage, engine.info)
            warm_up(engine)

        return Worker(
            stage,
            load,
            on_ready=ready,
            on_failed=lambda job, why: self._inbox.post(Failed(job.turn, stage, why)),
            on_dead=self._on_dead,
            gauge=self._gauge,
        )

    def _warm_up_chat(self, engine: ChatModel) -> None:
        self.reads_along = engine.prefill(self._system, self._stop)

    def _warm_up_synthesis(self, engine: Synthesizer) -> None:
        self._may_warm_up = engine.info.name != "openai"
        if not self._may_warm_up:
            return
        # The first word costs most, and a voice that does not exist is told at once.
        for _ in engine.synthesize("a", self._first_voice, self._stop):
            break
        # What is wrong with it for good, the first reply tells.
        with suppress(Cancelled, KnikError):
            self._try_out(engine, self._first_voice)

    @property
    def _workers(self) -> Iterable[Worker[Transcriber] | Worker[ChatModel] | Worker[Synthesizer]]:
        return [w for w in (self._transcription, self._chat, self._synthesis) if w is not None]

    @property
    def speaks(self) -> bool:
        """Whether replies are synthesised."""
        return self._synthesis is not None

    def start(self) -> None:
        """Start the threads; the engines load side by side."""
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Drop what waits; returns at once."""
        self._stop.cancel()
        self._preparing.cancel()
        self._trying.cancel()
        for worker in self._workers:
            worker.stop()

    def join(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; False when a thread is still inside foreign code."""
        deadline = time.monotonic() + timeout
        ends = [worker.join(max(0.0, deadline - time.monotonic())) for worker in self._workers]
        return all(ends)

    def _try_out(self, engine: Synthesizer, voice: VoiceSettings) -> None:
        for _ in self._paced(engine, SAMPLE_CLAUSE, SAMPLE_CLAUSE, voice, self._trying):
            pass
        self._pace = self._pace.doubted()

    def transcribe(self, live: LiveTurn, audio: Samples, recent: str) -> None:
        """Transcribe 16 kHz samples after the words `recent`; answered by `Transcribed` or `Failed`."""

        def run(engine: Transcriber) -> None:
            started = time.perf_counter()
            heard = engine.transcribe(audio, live.cancel, recent)
            self._tracer.measure(live.turn, "stt", time.perf_counter() - started)
            if heard.rejected:
                self._tracer.count(f"rejected: {heard.rejected}")
            text = clean_transcript(heard.text)
            self._inbox.post(Transcribed(live.turn, text, heard.rejected, heard.finished))

        if self._transcription is None or not audio.size:
            self._inbox.post(Transcribed(live.turn, ""))
        elif not self._transcription.submit(Job(live.turn, live.cancel, run)):
            self._inbox.post(Failed(live.turn, "transcription", OVERLOADED))

    def rehearse(self, start: int, audio: Samples, recent: str) -> None:
        """Transcribe the beginning of an utterance that goes on; answered by `Rehearsed`."""

        def run(engine: Transcriber) -> None:
            started = time.perf_counter()
            text = ""
            try:
                text = clean_transcript(engine.transcribe(audio, self._stop, recent).text)
            finally:
                self._inbox.post(Rehearsed(start, text, time.perf_counter() - started))

        worker = self._transcription if audio.size else None
        if worker is None or not worker.submit(Job(NO_TURN, self._stop, run)):
            self._inbox.post(Rehearsed(start, "", 0.0))

    def prepare(self, messages: list[Message]) -> None:
        """Evaluate what the next reply begins with, while nobody waits.

        The next reply interrupts it and goes on where it stands.
        """
        self._preparing.cancel()
        preparing = self._preparing = CancelToken()

        def run(engine: ChatModel) -> None:
            engine.prefill(messages, preparing)

        self._chat.submit(Job(NO_TURN, preparing, run))

    def reply(self, live: LiveTurn, request: ReplyRequest, voice: VoiceSettings) -> None:
        """Write the reply and speak it; its sound waits for release."""
        self._preparing.cancel()

        def run(engine: ChatModel) -> None:
            started = time.perf_counter()
            splitter = ClauseSplitter(lambda: self._pace)
            for piece in self._pieces(live, request, engine):
                live.cancel.check()
                self._tracer.measure(live.turn, "first_token", time.perf_counter() - started)
                for clause in splitter.feed(piece):
                    self._tracer.measure(live.turn, "first_clause", time.perf_counter() - started)
                    self._clause(live, clause, voice)
                    self._let_the_first_clause_sound(live)
            for clause in splitter.flush():
                self._tracer.measure(live.turn, "first_clause", time.perf_counter() - started)
                self._clause(live, clause, voice)
            self._end(live)

        if not self._chat.submit(Job(live.turn, live.cancel, run)):
            self._inbox.post(Failed(live.turn, "chat", OVERLOADED))

    def _let_the_first_clause_sound(self, live: LiveTurn) -> None:
        """Leave the processor to the synthesis of the first clause, which somebody waits for: on two
        cores it takes half as long again while the chat model goes on writing."""
        if self._synthesis is None or not self.reads_along or live.sounding.is_set():
            return
        withdraw = live.cancel.on_cancel(live.sounding.set)
        live.sounding.wait(FIRST_SOUND_SECONDS)
        live.sounding.set()
        withdraw()

    def _pieces(self, live: LiveTurn, request: ReplyRequest, engine: ChatModel) -> Iterable[str]:
        if request.reflexes:
            context = ReflexContext(datetime.now().astimezone(), request.last_reply, request.speed)
            answer = respond(request.utterance, context)
            if answer is not None:
                self._inbox.post(EffectsReady(live.turn, answer.effects))
                return [answer.text]
        self._inbox.post(ReplyBegun(live.turn))
        return self._stream(engine, request.messages, live.cancel)

    def _stream(self, engine: ChatModel, messages: list[Message], cancel: CancelToken) -> Iterator[str]:
        """The reply, to as much of the conversation as fits: how many tokens a text takes is not known
        beforehand."""
        while True:
            try:
                yield from engine.stream(messages, cancel)
                return
            except ContextFull:
                shorter = without_older_half(messages)
                if len(shorter) == len(messages):
                    raise
                self._inbox.post(HistoryTooLong())
                messages = shorter

    def record_fillers(self, voice: VoiceSettings) -> None:
        """Speak the fillers in advance, once for each voice; a server is not asked for them."""
        if self._synthesis is None or not self._may_warm_up or not self.fillers.wants(voice):
            return
        record = partial(self.fillers.record, voice=voice, cancel=self._stop)
        self._synthesis.submit(Job(NO_TURN, self._stop, record))

    def say(self, live: LiveTurn, text: str, voice: VoiceSettings) -> None:
        """Speak `text` as it stands; its sound waits for release."""

        def run(_: ChatModel) -> None:
            splitter = ClauseSplitter(lambda: self._pace)
            for clause in [*splitter.feed(text), *splitter.flush()]:
                self._clause(live, clause, voice)
            self._end(live)

        if not self._chat.submit(Job(live.turn, live.cancel, run)):
            self._inbox.post(Failed(live.turn, "chat", OVERLOADED))

    def _clause(self, live: LiveTurn, clause: str, voice: VoiceSettings) -> None:
        live.cancel.check()
        clause = printable(clause)
        self._inbox.post(ClauseWritten(live.turn, clause))
        sound = live.sound
        if self._synthesis is not None and sound is not None:
            self._trying.cancel()
            job = Job[Synthesizer](
                live.turn,
                live.cancel,
                lambda engine: self._sound(engine, live, sound, clause, voice),
            )
            self._synthesis.put(job)

    def _end(self, live: LiveTurn) -> None:
        sound = live.sound
        if self._synthesis is not None and sound is not None:
            self._synthesis.put(Job(live.turn, live.cancel, lambda _: sound.close()))
        else:
            self._inbox.post(ReplyWritten(live.turn))

    def _sound(
        self, engine: Synthesizer, live: LiveTurn, sound: Sound, clause: str, voice: VoiceSettings
    ) -> None:
        try:
            self._speak(engine, live, sound, clause, voice)
        finally:
            live.sounding.set()

    def _speak(
        self, engine: Synthesizer, live: LiveTurn, sound: Sound, clause: str, voice: VoiceSettings
    ) -> None:
        started = time.perf_counter()
        resampler = StreamResampler(engine.sample_rate, sound.rate)
        sound.begin_clause(clause)
        text = speech_text(clause, voice.language or "en-us")
        if text:
            for chunk in self._paced(engine, clause, text, voice, live.cancel):
                samples = resampler.process(chunk.samples)
                self._tracer.measure(live.turn, "first_audio", time.perf_counter() - started)
                sound.push(samples, chunk.words)
                live.sounding.set()
            sound.push(resampler.process(np.zeros(0, np.float32), last=True))
        sound.end_clause()

    def _paced(
        self, engine: Synthesizer, clause: str, text: str, voice: VoiceSettings, cancel: CancelToken
    ) -> Iterator[SpeechChunk]:
        """Synthesise `text`, which is spoken for the written `clause`, and learn from how long that takes."""
        started = time.perf_counter()
        taken: list[tuple[float, float]] = []
        for chunk in engine.synthesize(text, voice, cancel):
            taken.append((time.perf_counter() - started, chunk.samples.size / engine.sample_rate))
            yield chunk
        # What comes in several pieces is heard while it is made, so its length does not matter.
        if len(taken) == 1:
            # Of a code block, little is spoken.
            self._pace = self._pace.spoke(min(len(clause), len(text)), *taken[0])
