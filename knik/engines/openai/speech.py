"""A synthesizer behind an OpenAI-compatible server."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.openai.server import Server
from knik.engines.openai.wav_stream import WavStream
from knik.engines.protocols import EngineInfo, SpeechChunk, VoiceInfo, VoiceSettings
from knik.engines.trim import ClauseEdges
from knik.errors import KnikError

if TYPE_CHECKING:
    import httpx

SAMPLE_RATE = 24_000
"""Hz. What the API's bare "pcm" has; other rates are resampled to it."""

VOICES = (*("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse"),)
"""OpenAI's names. The API does not list voices; servers with others take those by name too."""


class OpenAISynthesizer:
    """Streams speech from /audio/speech.

    Args:
        base_url: Address of the API, such as "http://localhost:8880/v1".
        model: What the server calls the model.
        api_key: Sent as bearer token, if any.
        response_format: "wav", which tells its rate, or "pcm" for servers without it.
        stall_timeout: Seconds that the server may be silent.

    Raises:
        KnikError: The address or the key cannot be one. The server is first asked by `synthesize`.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "",
        response_format: str = "wav",
        stall_timeout: float = 15.0,
    ) -> None:
        self._server = Server(base_url, model, api_key=api_key, stall_timeout=stall_timeout)
        self._format = response_format

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("openai", f"{self._server.model} at {self._server.address}")

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    def voices(self) -> Sequence[VoiceInfo]:
        return [VoiceInfo(name) for name in VOICES]

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        """Speak one clause, in chunks as they arrive, silence around it cut; no word timings.

        Raises:
            Cancelled: At any time.
            KnikError: The server is down, silent, breaks off or answers with an error.
        """
        request = {
            "model": self._server.model,
            "input": text,
            "voice": settings.voice or VOICES[0],
            "speed": min(2.0, max(0.5, settings.speed)),
            "response_format": self._format,
        }
        with self._server.post("/audio/speech", cancel, json=request) as response:
            kind = response.headers.get("content-type", "")
            if kind.startswith(("application/json", "text/")):
                raise self._server.unexpected("answers with something else than sound")
            edges = ClauseEdges(SAMPLE_RATE)
            for samples in self._decoded(response):
                cancel.check()
                if (sure := edges.feed(samples)).size:
                    yield SpeechChunk(sure)
            if (rest := edges.finish()).size:
                yield SpeechChunk(rest)

    def close(self) -> None:
        self._server.close()

    def _decoded(self, response: "httpx.Response") -> Iterator[Samples]:
        import soxr

        stream = WavStream(SAMPLE_RATE)
        resampler: Any = None
        for data in response.iter_bytes():
            try:
                samples = stream.feed(data)
            except ValueError as error:
                raise self._unsupported(error) from error
            if stream.rate != SAMPLE_RATE and samples.size:
                resampler = resampler or soxr.ResampleStream(stream.rate, SAMPLE_RATE, 1, "float32")
                samples = resampler.resample_chunk(samples)
            yield samples
        if resampler is not None:
            yield resampler.resample_chunk(np.zeros(0, np.float32), last=True)

    def _unsupported(self, error: ValueError) -> KnikError:
        return self._server.unexpected(f"sends sound that cannot be decoded ({error})")
