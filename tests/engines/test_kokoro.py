import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knik.cancel import Cancelled, CancelToken
from knik.engines.kokoro import PIECE, SAMPLE_RATE, KokoroSynthesizer
from knik.engines.onnx_session import CancellableSession
from knik.engines.protocols import SpeechChunk, VoiceSettings
from knik.errors import KnikError

DATA = Path(__file__).parents[1] / "rig" / "micro" / "data" / "kokoro"
MODEL, VOICES = DATA / "micro.onnx", DATA / "voices.bin"
TEXT = "Hello there, how are you today?"


@pytest.fixture
def kokoro() -> Iterator[KokoroSynthesizer]:
    engine = KokoroSynthesizer(MODEL, VOICES, threads=2)
    yield engine
    engine.close()
    engine.close()


def speak(
    kokoro: KokoroSynthesizer, text: str = TEXT, voice: str = "", speed: float = 1.0, language: str = ""
) -> list[SpeechChunk]:
    return list(kokoro.synthesize(text, VoiceSettings(voice, speed, language), CancelToken()))


def sound(chunks: list[SpeechChunk]) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in chunks])


def pitch(samples: np.ndarray) -> float:
    """Hz, from the strongest echo of the sound in itself between 60 and 400 Hz."""
    spectrum = np.abs(np.fft.rfft(samples, 2 * samples.size)) ** 2
    likeness = np.fft.irfft(spectrum)
    low, high = SAMPLE_RATE // 400, SAMPLE_RATE // 60
    return SAMPLE_RATE / (low + int(np.argmax(likeness[low:high])))


def test_a_clause_becomes_sound_with_its_words(kokoro: KokoroSynthesizer) -> None:
    (chunk,) = speak(kokoro)
    assert chunk.samples.dtype == np.float32
    assert chunk.samples.ndim == 1
    assert [word.text for word in chunk.words] == TEXT.split()
    edges = [edge for word in chunk.words for edge in (word.start, word.end)]
    assert edges == sorted(edges)
    assert 0 <= edges[0] < 0.05
    assert edges[-1] <= chunk.samples.size / SAMPLE_RATE


def test_words_lie_where_the_sound_is(kokoro: KokoroSynthesizer) -> None:
    (chunk,) = speak(kokoro, "Hello. Goodbye.")
    first, second = chunk.words
    loud = np.abs(chunk.samples) > 0.02
    end = round(first.end * SAMPLE_RATE)
    assert not loud[end : end + 2400].any()
    assert loud[end - 2400 : end].mean() > 0.5
    start = round(second.start * SAMPLE_RATE)
    assert loud[start : start + 2400].mean() > 0.5


def test_silence_around_the_clause_is_short(kokoro: KokoroSynthesizer) -> None:
    samples = sound(speak(kokoro))
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    assert loud[0] < 0.02 * SAMPLE_RATE
    assert samples.size - loud[-1] < 0.15 * SAMPLE_RATE


def test_speed_is_kept_between_half_and_double(kokoro: KokoroSynthesizer) -> None:
    lengths = [sound(speak(kokoro, speed=speed)).size for speed in (0.1, 0.5, 1.0, 2.0, 9.0)]
    assert lengths[0] == lengths[1] > 1.5 * lengths[2]
    assert lengths[2] > 1.5 * lengths[3] == 1.5 * lengths[4]


def test_voices_differ_and_a_blend_lies_between(kokoro: KokoroSynthesizer) -> None:
    high, low = pitch(sound(speak(kokoro, voice="af_sky"))), pitch(sound(speak(kokoro, voice="bf_emma")))
    blend = pitch(sound(speak(kokoro, voice="af_sky:0.5,bf_emma:0.5", language="en-us")))
    assert low * 1.05 < blend < high / 1.05
    assert blend == pytest.approx((low + high) / 2, rel=0.03)


def test_the_list_tells_language_and_gender(kokoro: KokoroSynthesizer) -> None:
    voices = {voice.name: voice for voice in kokoro.voices()}
    assert (voices["bm_george"].language, voices["bm_george"].description) == ("en-gb", "male")
    assert (voices["af_sky"].language, voices["af_sky"].description) == ("en-us", "female")


def test_a_voice_speaks_its_own_language_unless_told(kokoro: KokoroSynthesizer) -> None:
    british = sound(speak(kokoro, "Hot water.", voice="bf_emma"))
    american = sound(speak(kokoro, "Hot water.", voice="bf_emma", language="en-US"))
    asked = sound(speak(kokoro, "Hot water.", voice="bf_emma", language="en-gb"))
    assert british.size != american.size
    np.testing.assert_array_equal(british, asked)


def test_a_long_text_comes_in_pieces_with_times_that_run_on(kokoro: KokoroSynthesizer) -> None:
    text = "This is a rather long sentence without an end. " * 20
    chunks = speak(kokoro, text)
    assert len(chunks) > len(text) // PIECE
    words = [word for chunk in chunks for word in chunk.words]
    assert [word.text for word in words] == text.split()
    starts = [word.start for word in words]
    assert starts == sorted(starts)
    elapsed = 0.0
    for chunk in chunks:
        length = chunk.samples.size / SAMPLE_RATE
        assert all(elapsed <= word.start <= elapsed + length for word in chunk.words)
        elapsed += length
        assert chunk.samples[0] == chunk.samples[-1] == 0, "no click where the pieces meet"


def test_a_word_of_a_thousand_letters_is_spoken(kokoro: KokoroSynthesizer) -> None:
    assert sound(speak(kokoro, "a" * 1000)).size > SAMPLE_RATE


@pytest.mark.parametrize("text", ["", " ", "...", "\x00", "!?"])
def test_what_has_no_sound_is_silent(kokoro: KokoroSynthesizer, text: str) -> None:
    assert speak(kokoro, text) == []


def test_cancelling_ends_a_long_text(kokoro: KokoroSynthesizer) -> None:
    cancel = CancelToken()
    chunks = kokoro.synthesize(TEXT * 50, VoiceSettings(speed=0.5), cancel)
    next(chunks)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(chunks)
    assert speak(kokoro)


def test_a_run_of_the_model_ends_when_its_turn_does() -> None:
    session = CancellableSession(MODEL, threads=1, provider="cpu")
    inputs = {
        "tokens": np.zeros((1, 512), np.int64),
        "style": np.ones((1, 256), np.float32),
        "speed": np.ones(1, np.float32),
    }
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled), session.cancelled_by(cancel):
        session.run(None, inputs)
    with session.cancelled_by(CancelToken()):
        audio, _ = session.run(None, inputs)
    assert audio.size


def test_phonemes_are_written_under_the_lock(kokoro: KokoroSynthesizer) -> None:
    lock = threading.Lock()
    engine = KokoroSynthesizer(MODEL, VOICES, threads=2, espeak_lock=lock)
    spoken: list[SpeechChunk] = []
    lock.acquire()
    thread = threading.Thread(target=lambda: spoken.extend(speak(engine)))
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    lock.release()
    thread.join()
    assert spoken
    engine.close()


@pytest.mark.parametrize(
    ("voice", "language", "message"),
    [
        ("af_skye", "", r'no voice "af_skye"; near it are af_sky'),
        ("af_sky:0.5,nobody:0.5", "", r'no voice "nobody"'),
        ("", "tlh", r'language "tlh"'),
    ],
)
def test_an_unknown_voice_or_language_is_named(
    kokoro: KokoroSynthesizer, voice: str, language: str, message: str
) -> None:
    with pytest.raises(KnikError, match=message):
        speak(kokoro, voice=voice, language=language)


@pytest.mark.parametrize("broken", ["micro.onnx", "voices.bin"])
@pytest.mark.parametrize("content", [None, b"", b"<html>Not found</html>", "half"])
def test_a_missing_or_broken_file_is_named(
    tmp_path: Path, broken: str, content: bytes | str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in (MODEL, VOICES):
        shutil.copy(path, tmp_path)
    victim = tmp_path / broken
    if content is None:
        victim.unlink()
    else:
        whole = victim.read_bytes()
        victim.write_bytes(content if isinstance(content, bytes) else whole[: len(whole) // 2])
    with pytest.raises(KnikError) as caught:
        KokoroSynthesizer(tmp_path / "micro.onnx", tmp_path / "voices.bin")
    assert broken in caught.value.message
    assert "knik models download" in caught.value.remedy
    assert capfd.readouterr() == ("", "")
