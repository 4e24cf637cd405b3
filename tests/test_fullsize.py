"""The makers of the full-size models, at the smallest sizes, through knik's own engines."""

from pathlib import Path

import numpy as np
import pytest

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.config.load import load
from knik.engines.faster_whisper import FasterWhisperTranscriber
from knik.engines.kokoro import SAMPLE_RATE, KokoroSynthesizer
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message, VoiceSettings
from knik.text.transcripts import invention
from tests.rig.fullsize import cache, kokoro, llama, llama_vocabulary, models, whisper
from tests.rig.fullsize.kokoro_shape import FRAME, Shape
from tests.rig.fullsize.kokoro_text import PHONEME_FRAMES
from tests.rig.fullsize.onnx_layers import Precision

# Logits grow with the width; in a narrower one they are no match for 51,864 tokens.
WHISPER = whisper.Size(width=256, heads=4, encoder=1, decoder=1)
LLAMA = llama.Size(width=128, layers=1, heads=2, kv_heads=1, hidden=256, vocabulary=2048)
KOKORO = Shape(
    embedding=16,
    bert=32,
    heads=2,
    bert_hidden=64,
    bert_layers=1,
    hidden=32,
    layers=1,
    kernel=3,
    decoder=32,
    residual=8,
    sound=32,
    kernels=(3,),
    dilations=(1,),
)


def noise(seconds: float) -> Samples:
    return (0.1 * np.random.default_rng(1).standard_normal(round(seconds * 16_000))).astype(np.float32)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The smallest models under the names of the full ones, in a folder of their own."""
    monkeypatch.setenv("KNIK_FULLSIZE_DIR", str(tmp_path))
    monkeypatch.setitem(whisper.SIZES, "base.en", WHISPER)
    monkeypatch.setitem(llama.SIZES, "0.5b", LLAMA)
    monkeypatch.setattr(kokoro, "FULL", KOKORO)
    return tmp_path


@pytest.mark.parametrize("short_context", [False, True])
def test_whisper_says_as_many_tokens_as_its_utterance_has(small: Path, short_context: bool) -> None:
    for seconds in (2, 5):
        engine = FasterWhisperTranscriber(
            models.whisper_folder("base.en", seconds), short_context=short_context, reject=invention
        )
        heard = engine.transcribe(noise(seconds), CancelToken())
        assert not heard.rejected
        assert heard.text == whisper.said(3 * seconds)
        engine.close()


def test_utterances_of_every_length_share_whispers_weights(small: Path) -> None:
    one, other = (models.whisper_folder("base.en", seconds) / "model.bin" for seconds in (2, 5))
    assert one.samefile(other)


def test_llama_talks_until_the_limit_on_tokens(small: Path) -> None:
    reply = llama_vocabulary.REPLY
    for most, expected in ((llama.REPLY_TOKENS, reply), (10, " ".join(reply.split()[:9]))):
        engine = LlamaCppChat(models.llama_file("0.5b"), context=512, threads=1, max_tokens=most)
        for question in ("What is new?", "Tell me of rivers, hills and 3 trains!"):
            messages = [Message("system", "You are knik."), Message("user", question)]
            assert "".join(engine.stream(messages, CancelToken())) == expected
        engine.close()


def test_llamas_vocabulary_cuts_a_prompt_into_words(small: Path) -> None:
    engine = LlamaCppChat(models.llama_file("0.5b"), context=512, threads=1)
    prompt = load(None, {}, {}).config.chat.system
    engine.prefill([Message("system", prompt)], CancelToken())
    assert len(prompt.split()) < engine.evaluated_tokens < 2 * len(prompt.split())
    engine.close()


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_kokoro_speaks_every_phoneme_for_the_same_time(small: Path, precision: Precision) -> None:
    folder = models.kokoro_folder(precision)
    engine = KokoroSynthesizer(folder / f"kokoro-{precision}.onnx", folder / "voices.bin", threads=1)
    lengths = []
    for text in ("Yes.", "Yes, it will be mostly sunny."):
        (chunk,) = engine.synthesize(text, VoiceSettings(kokoro.VOICE), CancelToken())
        lengths.append(chunk.samples.size)
        assert np.isfinite(chunk.samples).all()
        assert 0.003 < np.sqrt(np.mean(chunk.samples**2)) < 0.3
    # Loud from end to end, so what is trimmed away is less than a frame.
    phonemes = [engine._phonemize(text, "en-us") for text in ("Yes.", "Yes, it will be mostly sunny.")]
    expected = (len(phonemes[1]) - len(phonemes[0])) * PHONEME_FRAMES * FRAME
    assert lengths[1] - lengths[0] == pytest.approx(expected, abs=FRAME)
    assert SAMPLE_RATE == 40 * FRAME
    engine.close()


def test_the_full_kokoro_has_the_parameters_of_the_real_one(tmp_path: Path) -> None:
    parameters = kokoro.make(kokoro.FULL, tmp_path)
    # 81,763,410 are published; the pooler, which computes nothing that is heard, has 590,592 of them.
    assert parameters == pytest.approx(81_763_410 - 590_592, rel=0.001)


def test_the_settings_are_knik_settings(small: Path) -> None:
    config = load(None, models.settings(), {}).config
    assert config.stt.engine == "faster-whisper"
    assert Path(config.stt.model).is_dir()
    assert Path(config.chat.model).is_file()
    assert config.chat.max_tokens == llama.REPLY_TOKENS
    assert Path(config.tts.model).is_dir()


def test_an_interrupted_maker_leaves_nothing_behind(small: Path) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "half").write_text("of it")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.made("kind/name", interrupted)
    assert not list((cache.folder() / "kind").iterdir())
    done = cache.made("kind/name", lambda folder: (folder / "whole").write_text("all of it"))
    assert [file.name for file in done.iterdir()] == ["whole"]
    assert cache.made("kind/name", interrupted) == done


def test_an_unknown_model_is_named_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"whisper/base\.en"):
        models.model("whisper/huge")
