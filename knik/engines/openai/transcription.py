"""A transcriber behind an OpenAI-compatible server."""

import io
import json

import soundfile

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.engines.openai.server import Server
from knik.engines.protocols import EngineInfo, Transcript
from knik.engines.whisper_guard import NO_SPEECH, Check


class OpenAITranscriber:
    """Posts each utterance to /audio/transcriptions.

    Args:
        base_url: Address of the API, such as "http://localhost:8000/v1".
        model: What the server calls the model.
        api_key: Sent as bearer token, if any.
        language: Code such as "en"; empty lets the server detect it.
        stall_timeout: Seconds that the server may take.
        reject: Looks at the text: says why it is an invention, or an empty string.

    Raises:
        KnikError: The address or the key cannot be one. The server is first asked by `transcribe`.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "",
        language: str = "",
        stall_timeout: float = 15.0,
        reject: Check | None = None,
    ) -> None:
        self._server = Server(base_url, model, api_key=api_key, stall_timeout=stall_timeout)
        self._language = language.casefold().replace("_", "-").partition("-")[0]
        self._reject = reject

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("openai", f"{self._server.model} at {self._server.address}")

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:  # noqa: ARG002
        """Transcribe one utterance of 16 kHz samples, shape (n,).

        Raises:
            Cancelled: At any time.
            KnikError: The server is down, silent, breaks off or answers with an error.
        """
        fields = {"model": self._server.model, "response_format": "json", "temperature": "0"}
        if self._language:
            fields["language"] = self._language
        files = {"file": ("utterance.wav", wav_bytes(audio), "audio/wav")}
        with self._server.post("/audio/transcriptions", cancel, data=fields, files=files) as response:
            body = response.read()
        cancel.check()
        text = self._text(body).strip()
        objection = NO_SPEECH if not text else self._reject(text) if self._reject else ""
        if objection:
            return Transcript("", rejected=objection)
        return Transcript(text, language=self._language)

    def close(self) -> None:
        self._server.close()

    def _text(self, body: bytes) -> str:
        try:
            value = json.loads(body)
        except ValueError as error:
            raise self._server.unexpected("answers with something else than JSON") from error
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str):
            raise self._server.unexpected("answers without a transcript")
        return text


def wav_bytes(audio: Samples) -> bytes:
    """A 16-bit WAV file of 16 kHz samples, shape (n,)."""
    file = io.BytesIO()
    soundfile.write(file, audio, SAMPLE_RATE, format="WAV", subtype="PCM_16")
    return file.getvalue()
