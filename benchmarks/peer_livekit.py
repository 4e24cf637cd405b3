"""The same turns with livekit-agents around the very same engines.

Its session, its VAD, its judgement of turns, its early start of replies and its cutting of sentences, all
with their defaults; transcriber, chat model and synthesizer are knik's engine classes on the same models. It
hears the conversation in blocks of 20 ms in real time; what it speaks counts from the moment at which the
first block of it is handed over for the speaker, without any sound device's delay.

livekit-agents is no dependency of knik. In an environment of its own:

    uv run --extra llama --with "livekit-agents==1.8.9" python -m benchmarks.peer_livekit
"""

import asyncio
import logging
import time
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import Agent, AgentSession, llm, stt, tts
from livekit.agents.voice import io

from benchmarks.engine_sets import EngineSet
from benchmarks.peers import BLOCK, Talk, pcm, run
from knik.audio.frames import SAMPLE_RATE
from knik.cancel import CancelToken
from knik.engines.protocols import Message, VoiceSettings

LOADED_AFTER = 2.0
"""Seconds of silence before the conversation, in which its models load."""


class Microphone(io.AudioInput):
    """Feeds the conversation in real time, and silence before and after it."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(label="microphone")
        before = np.zeros(round(LOADED_AFTER * SAMPLE_RATE), np.float32)
        self._sound = pcm(np.concatenate([before, talk.sound]))
        self._talk = talk
        self._at = 0
        self.over = asyncio.Event()

    async def __anext__(self) -> rtc.AudioFrame:
        if not self._at:
            self._talk.began = time.perf_counter() + LOADED_AFTER
        self._at += BLOCK
        await asyncio.sleep(max(0.0, self._at / SAMPLE_RATE - LOADED_AFTER - self._talk.now()))
        block = self._sound[self._at - BLOCK : self._at]
        if block.size < BLOCK:
            self.over.set()
            block = np.zeros(BLOCK, np.int16)
        return rtc.AudioFrame(block.tobytes(), SAMPLE_RATE, 1, BLOCK)


class Speaker(io.AudioOutput):
    """Notes when sound comes, and plays it in as much time as it lasts."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(label="speaker", capabilities=io.AudioOutputCapabilities(pause=False))
        self._talk = talk
        self.heard: list[float] = []
        self._begun = self._seconds = 0.0
        self._end: asyncio.TimerHandle | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take a block."""
        await super().capture_frame(frame)
        now = self._talk.now()
        self.heard.append(now)
        if not self._seconds:
            self._begun = now
            self.on_playback_started(created_at=time.time())
        self._seconds += frame.duration

    def flush(self) -> None:
        """The reply is complete; it is over once it has been heard."""
        super().flush()
        if self._seconds:
            left = self._begun + self._seconds - self._talk.now()
            self._end = asyncio.get_running_loop().call_later(max(0.0, left), self._over, False)

    def clear_buffer(self) -> None:
        """It was interrupted."""
        if self._end is not None:
            self._end.cancel()
        if self._seconds:
            self._over(interrupted=True)

    def _over(self, interrupted: bool) -> None:
        played = min(self._seconds, self._talk.now() - self._begun)
        self._seconds, self._end = 0.0, None
        self.on_playback_finished(playback_position=played, interrupted=interrupted)


class Ear(stt.STT):
    """knik's transcriber."""

    def __init__(self, engines: EngineSet) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._engine = engines.ear

    async def _recognize_impl(self, buffer: Any, **_: Any) -> stt.SpeechEvent:
        frame = rtc.combine_audio_frames(buffer)
        samples = np.frombuffer(frame.data, np.int16).astype(np.float32) / 32768
        heard = await asyncio.to_thread(self._engine.transcribe, samples, CancelToken())
        said = stt.SpeechData(language="en", text=heard.text)
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[said])


class Chat(llm.LLM):
    """knik's chat model."""

    def __init__(self, engines: EngineSet) -> None:
        super().__init__()
        self.engine = engines.chat

    def chat(self, *, chat_ctx: Any, tools: Any = None, conn_options: Any = None, **_: Any) -> "Reply":
        """Answer a conversation."""
        return Reply(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class Reply(llm.LLMStream):
    """One answer, token by token."""

    async def _run(self) -> None:
        messages = [Message(m.role, m.text_content or "") for m in self._chat_ctx.messages()]
        cancel = CancelToken()
        try:
            pieces = self._llm.engine.stream(messages, cancel)
            while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                delta = llm.ChoiceDelta(role="assistant", content=piece)
                self._event_ch.send_nowait(llm.ChatChunk(id="reply", delta=delta))
        finally:
            cancel.cancel()


class Voice(tts.TTS):
    """knik's synthesizer."""

    def __init__(self, engines: EngineSet) -> None:
        self.engine = engines.voice
        capabilities = tts.TTSCapabilities(streaming=False)
        super().__init__(capabilities=capabilities, sample_rate=self.engine.sample_rate, num_channels=1)

    def synthesize(self, text: str, *, conn_options: Any = None) -> "Sentence":
        """Speak one sentence."""
        return Sentence(tts=self, input_text=text, conn_options=conn_options)


class Sentence(tts.ChunkedStream):
    """One sentence, piece by piece."""

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        engine = self._tts.engine
        rate = engine.sample_rate
        output_emitter.initialize(
            request_id="sentence", sample_rate=rate, num_channels=1, mime_type="audio/pcm"
        )
        chunks = engine.synthesize(self._input_text, VoiceSettings(), CancelToken())
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            output_emitter.push(pcm(chunk.samples).tobytes())
        output_emitter.flush()


async def converse(engines: EngineSet, talk: Talk) -> list[float]:
    """Hold the talk; when blocks of answers came."""
    microphone, speaker = Microphone(talk), Speaker(talk)
    session: AgentSession[None] = AgentSession(stt=Ear(engines), llm=Chat(engines), tts=Voice(engines))
    session.input.audio = microphone
    session.output.audio = speaker
    await session.start(Agent(instructions=engines.config.chat.system), record=False)
    await microphone.over.wait()
    await session.aclose()
    return speaker.heard


def main() -> None:
    """Measure and print."""
    logging.basicConfig(level=logging.WARNING)
    run("livekit-agents", __doc__, converse)


if __name__ == "__main__":
    main()
