import io
import threading

import numpy as np
import pytest
import soundfile

from knik.cancel import Cancelled, CancelToken
from knik.engines.openai import OpenAISynthesizer, OpenAITranscriber
from knik.engines.protocols import SpeechChunk, Transcript, VoiceSettings
from knik.engines.trim import trim_silence
from knik.errors import KnikError
from tests.engines.http_stub import Exchange, serving

TONE = (0.5 * np.sin(np.arange(8000) * 0.1)).astype(np.float32)


def wav(samples: np.ndarray, rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()


def transcript(body: bytes, audio: np.ndarray = TONE, **settings: object) -> tuple[Transcript, bytes]:
    with serving(lambda exchange: exchange.whole(body)) as server:
        engine = OpenAITranscriber(server.url, "whisper-1", **settings)  # type: ignore[arg-type]
        heard = engine.transcribe(audio, CancelToken())
        engine.close()
    (request,) = server.requests
    assert request.path == "/v1/audio/transcriptions"
    return heard, request.body


def test_the_server_hears_the_very_utterance() -> None:
    heard, body = transcript(b'{"text": " Hello there. "}', language="en-GB")
    assert heard == Transcript("Hello there.", language="en")
    assert b'name="model"\r\n\r\nwhisper-1' in body
    assert b'name="language"\r\n\r\nen\r\n' in body
    sound, rate = soundfile.read(io.BytesIO(body[body.index(b"RIFF") :]), dtype="float32")
    assert rate == 16_000
    np.testing.assert_allclose(sound[: TONE.size], TONE, atol=1e-4)


def test_a_single_sample_is_an_utterance() -> None:
    assert transcript(b'{"text": ""}', TONE[:1])[0] == Transcript("", rejected="no speech")


def test_inventions_of_the_server_are_rejected() -> None:
    heard, _ = transcript(b'{"text": "Thank you."}', reject={"Thank you.": "known phrase"}.__getitem__)
    assert heard == Transcript("", rejected="known phrase")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"words": 3}', b'{"text": null}'])
def test_an_answer_without_a_transcript_is_an_error(body: bytes) -> None:
    with pytest.raises(KnikError, match=r"http://127\.0\.0\.1:.* answers with"):
        transcript(body)


def test_cancelling_a_transcription_breaks_off() -> None:
    cancel = CancelToken()

    def answer(exchange: Exchange) -> None:
        threading.Timer(0.1, cancel.cancel).start()
        exchange.until_gone()

    with serving(answer) as server:
        engine = OpenAITranscriber(server.url, "whisper-1", stall_timeout=60)
        with pytest.raises(Cancelled):
            engine.transcribe(TONE, cancel)
        assert server.gone.wait(10)
        engine.close()


def speak(
    answer: bytes, kind: str = "audio/wav", voice: VoiceSettings | None = None
) -> tuple[np.ndarray, dict[str, object]]:
    def send(exchange: Exchange) -> None:
        exchange.start(kind)
        for at in range(0, len(answer), 999):
            exchange.chunk(answer[at : at + 999])
        exchange.end()

    with serving(send) as server:
        engine = OpenAISynthesizer(server.url, "tts-1")
        chunks = list(engine.synthesize("Hello.", voice or VoiceSettings(), CancelToken()))
        assert engine.sample_rate == 24_000
        engine.close()
    request: dict[str, object] = server.requests[0].json
    return np.concatenate([chunk.samples for chunk in chunks]), request


def test_speech_comes_as_it_was_sent_but_for_its_ends() -> None:
    samples, request = speak(wav(TONE, 24_000), voice=VoiceSettings("nova", 3.0))
    np.testing.assert_allclose(samples, trim_silence(TONE, 24_000)[0], atol=1e-4)
    assert request == {
        "model": "tts-1",
        "input": "Hello.",
        "voice": "nova",
        "speed": 2.0,
        "response_format": "wav",
    }


def test_speech_at_another_rate_is_resampled() -> None:
    samples, _ = speak(wav(TONE, 16_000))
    assert abs(samples.size - TONE.size * 3 // 2) <= 2
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(np.sqrt(np.mean(TONE**2)), rel=0.02)


def test_silence_around_speech_is_cut() -> None:
    padded = np.concatenate([np.zeros(9_000), TONE, np.zeros(3_000), TONE, np.zeros(20_000)])
    samples, _ = speak(wav(padded, 24_000))
    assert samples.size == pytest.approx(0.01 * 24_000 + 2 * TONE.size + 3_000 + 0.12 * 24_000, abs=4)
    # The first sample of the tone is silent, too.
    np.testing.assert_allclose(samples[239:][: TONE.size], TONE, atol=1e-4)


def test_bare_samples_are_speech_too() -> None:
    samples, _ = speak((TONE * 32767).astype("<i2").tobytes(), "audio/pcm")
    np.testing.assert_allclose(samples, trim_silence(TONE, 24_000)[0], atol=1e-4)


def test_the_first_sound_does_not_wait_for_the_last() -> None:
    more = threading.Event()

    def answer(exchange: Exchange) -> None:
        exchange.start("audio/wav")
        data = wav(TONE, 24_000)
        exchange.chunk(data[:4000])
        more.wait(10)
        exchange.chunk(data[4000:])
        exchange.end()

    with serving(answer) as server:
        engine = OpenAISynthesizer(server.url, "tts-1")
        chunks = engine.synthesize("Hello.", VoiceSettings(), CancelToken())
        first: SpeechChunk = next(chunks)
        assert 0 < first.samples.size < 2000
        more.set()
        rest = sum(chunk.samples.size for chunk in chunks)
        assert first.samples.size + rest == TONE.size
        engine.close()


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("application/json", b'{"error": "no voice"}', "something else than sound"),
        ("audio/wav", b"RIFF\0\0\0\0WAVEjunk\xff\xff\xff\xff", "cannot be decoded"),
    ],
)
def test_what_is_no_sound_is_an_error(kind: str, body: bytes, message: str) -> None:
    with pytest.raises(KnikError, match=message):
        speak(body, kind)


def test_speech_that_breaks_off_is_an_error() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start("audio/wav")
        exchange.chunk(wav(TONE, 24_000)[:4000])
        exchange.drop()

    with serving(answer) as server:
        engine = OpenAISynthesizer(server.url, "tts-1")
        with pytest.raises(KnikError, match="broke the answer off"):
            list(engine.synthesize("Hello.", VoiceSettings(), CancelToken()))
        engine.close()


def test_cancelled_speech_breaks_off() -> None:
    cancel = CancelToken()

    def answer(exchange: Exchange) -> None:
        exchange.start("audio/wav")
        exchange.chunk(wav(TONE, 24_000)[:4000])
        exchange.until_gone()

    with serving(answer) as server:
        engine = OpenAISynthesizer(server.url, "tts-1", stall_timeout=60)
        chunks = engine.synthesize("Hello.", VoiceSettings(), cancel)
        next(chunks)
        threading.Timer(0.1, cancel.cancel).start()
        with pytest.raises(Cancelled):
            list(chunks)
        assert server.gone.wait(10)
        engine.close()
