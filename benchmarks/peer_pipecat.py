"""The same turns with Pipecat, the best-known framework, around the very same engines.

Its pipeline, its VAD (Silero), its judgement of turns (Smart Turn v3) and its cutting of sentences, all with
their defaults; transcriber, chat model and synthesizer are knik's engine classes on the same models. It
hears the conversation in blocks of 20 ms in real time; what it speaks counts from the moment at which the
first block of it leaves the pipeline, without any sound device's delay.

Pipecat is no dependency of knik. In an environment of its own:

    uv run --extra llama --with "pipecat-ai[silero]==1.14.0" python -m benchmarks.peer_pipecat
"""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator
from typing import Any

import numpy as np
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    StartFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.settings import STTSettings, TTSSettings
from pipecat.services.stt_service import SegmentedSTTService
from pipecat.services.tts_service import TTSService
from pipecat.workers.runner import WorkerRunner

from benchmarks.engine_sets import EngineSet
from benchmarks.peers import BLOCK, Talk, pcm, run
from knik.audio.frames import SAMPLE_RATE
from knik.cancel import CancelToken
from knik.engines.protocols import Message, VoiceSettings


class Microphone(FrameProcessor):
    """Feeds the conversation in real time."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._sound = pcm(talk.sound)
        self._talk = talk
        self.over = asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass everything on; begin with the first frame."""
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            self._task = self.create_task(self._feed())

    async def _feed(self) -> None:
        self._talk.began = time.perf_counter()
        for start in range(0, self._sound.size, BLOCK):
            await asyncio.sleep(max(0.0, (start + BLOCK) / SAMPLE_RATE - self._talk.now()))
            block = self._sound[start : start + BLOCK].tobytes()
            await self.push_frame(InputAudioRawFrame(block, SAMPLE_RATE, 1))
        self.over.set()


class Ear(SegmentedSTTService):
    """knik's transcriber."""

    wants_wav_segments = False

    def __init__(self, engines: EngineSet) -> None:
        super().__init__(settings=STTSettings(model=None, language=None), ttfs_p99_latency=0.5)
        self._engine = engines.ear

    async def run_stt(self, audio: bytes) -> AsyncGenerator[Frame, None]:
        """Transcribe 16-bit samples at 16 kHz."""
        samples = np.frombuffer(audio, "<i2").astype(np.float32) / 32768
        heard = await asyncio.to_thread(self._engine.transcribe, samples, CancelToken())
        if heard.text:
            yield TranscriptionFrame(heard.text, "", "")


class Chat(FrameProcessor):
    """knik's chat model."""

    def __init__(self, engines: EngineSet) -> None:
        super().__init__()
        self._engine = engines.chat

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Answer a context; pass everything else on."""
        await super().process_frame(frame, direction)
        if not isinstance(frame, LLMContextFrame):
            await self.push_frame(frame, direction)
            return
        messages = [Message(m["role"], m["content"]) for m in frame.context.get_messages()]
        pieces = self._engine.stream(messages, CancelToken())
        await self.push_frame(LLMFullResponseStartFrame())
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            await self.push_frame(LLMTextFrame(piece))
        await self.push_frame(LLMFullResponseEndFrame())


class Voice(TTSService):
    """knik's synthesizer."""

    def __init__(self, engines: EngineSet) -> None:
        super().__init__(
            push_start_frame=True,
            push_stop_frames=True,
            sample_rate=engines.voice.sample_rate,
            settings=TTSSettings(model=None, voice=None, language=None),
        )
        self._engine = engines.voice

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        """Speak one sentence."""
        chunks = self._engine.synthesize(text, VoiceSettings(), CancelToken())
        while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
            yield TTSAudioRawFrame(
                pcm(chunk.samples).tobytes(), self._engine.sample_rate, 1, context_id=context_id
            )


class Speaker(FrameProcessor):
    """Notes when sound comes."""

    def __init__(self, talk: Talk) -> None:
        super().__init__()
        self._talk = talk
        self.heard: list[float] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass everything on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.heard.append(self._talk.now())
        await self.push_frame(frame, direction)


async def converse(engines: EngineSet, talk: Talk) -> list[float]:
    """Hold the talk; when blocks of answers came."""
    microphone, speaker = Microphone(talk), Speaker(talk)
    context = LLMContext([{"role": "system", "content": engines.config.chat.system}])
    user, assistant = LLMContextAggregatorPair(
        context, user_params=LLMUserAggregatorParams(vad_analyzer=SileroVADAnalyzer())
    )
    stages: list[Any] = [microphone, Ear(engines), user, Chat(engines), Voice(engines), speaker, assistant]
    worker = PipelineWorker(Pipeline(stages))
    runner = WorkerRunner()
    await runner.add_workers(worker)
    running = asyncio.create_task(runner.run())
    await microphone.over.wait()
    await worker.cancel()
    await running
    return speaker.heard


def main() -> None:
    """Measure and print."""
    logger.remove()
    logger.add(sys.stderr, level="WARNING")
    run("Pipecat", __doc__, converse)


if __name__ == "__main__":
    main()
