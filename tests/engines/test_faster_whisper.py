import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from knik.cancel import Cancelled, CancelToken
from knik.engines.faster_whisper import NEEDED, FasterWhisperTranscriber
from knik.engines.protocols import Transcript
from knik.errors import KnikError
from tests.engines.whisper_maker import END, NO_SPEECH, make_whisper

Open = Callable[..., FasterWhisperTranscriber]


def noise(seconds: float) -> np.ndarray:
    samples = np.random.default_rng(1).standard_normal(max(1, round(16_000 * seconds)))
    return (0.1 * samples).astype(np.float32)


@pytest.fixture(scope="module")
def chatty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that always says "aaa..."."""
    return make_whisper(tmp_path_factory.mktemp("whisper") / "chatty.en", {"a": 15.0})


@pytest.fixture
def open_whisper() -> Iterator[Open]:
    """Opens models and closes them."""
    opened: list[FasterWhisperTranscriber] = []

    def open_model(path: Path, **settings: object) -> FasterWhisperTranscriber:
        engine = FasterWhisperTranscriber(path, threads=2, **settings)  # type: ignore[arg-type]
        opened.append(engine)
        return engine

    yield open_model
    for engine in opened:
        engine.close()
        engine.close()


def hear(engine: FasterWhisperTranscriber, seconds: float = 1.0) -> Transcript:
    return engine.transcribe(noise(seconds), CancelToken())


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("seconds", [0.0, 0.01, 2.0, 29.99, 30.0, 65.0])
def test_an_utterance_of_any_length_is_heard(
    chatty: Path, open_whisper: Open, seconds: float, short: bool
) -> None:
    heard = hear(open_whisper(chatty, short_context=short), seconds)
    assert set(heard.text) - {" "} == {"a"}
    assert (heard.rejected, heard.language, heard.words) == ("", "en", ())
    assert len(heard.text.split()) == max(1, int(-(-seconds // 30)))


def test_digital_silence_is_heard(chatty: Path, open_whisper: Open) -> None:
    silence = np.zeros(16_000, np.float32)
    assert open_whisper(chatty).transcribe(silence, CancelToken()).text


def test_a_looping_decoder_is_bound_by_the_length_of_the_utterance(chatty: Path, open_whisper: Open) -> None:
    assert len(hear(open_whisper(chatty), 1.0).text) < 40


def test_inventions_are_rejected_and_say_why(chatty: Path, open_whisper: Open) -> None:
    engine = open_whisper(chatty, reject=lambda text: "repetition" if set(text) == {"a"} else "")
    assert hear(engine) == Transcript("", rejected="repetition")


def test_what_the_short_window_makes_up_is_tried_again_in_the_full_one(
    chatty: Path, open_whisper: Open
) -> None:
    objections = iter(["repetition", ""])
    engine = open_whisper(chatty, short_context=True, reject=lambda _: next(objections))
    assert hear(engine).text
    assert next(objections, None) is None


class Checks:
    """Says what is wrong with one transcript after the other, and counts them."""

    def __init__(self, *verdicts: str) -> None:
        self.verdicts = [*verdicts]
        self.seen: list[str] = []

    def __call__(self, text: str) -> str:
        self.seen.append(text)
        return self.verdicts.pop(0) if self.verdicts else ""


def test_a_transcript_that_only_repeats_the_recent_words_is_read_anew_without_them(
    chatty: Path, open_whisper: Open
) -> None:
    checks = Checks()
    engine = open_whisper(chatty, reject=checks, recent_words=True)
    engine.transcribe(noise(1), CancelToken(), " ".join("A" * length for length in range(20, 40)))
    assert len(checks.seen) == 2
    engine.transcribe(noise(1), CancelToken(), "Aaaargh!")
    assert len(checks.seen) == 3


def test_what_is_rejected_after_recent_words_is_read_anew_without_them(
    chatty: Path, open_whisper: Open
) -> None:
    checks = Checks("repetition", "")
    engine = open_whisper(chatty, reject=checks, recent_words=True)
    assert engine.transcribe(noise(1), CancelToken(), "Hello there.").text
    assert len(checks.seen) == 2


def test_recent_words_are_left_out_unless_they_are_wished_for(chatty: Path, open_whisper: Open) -> None:
    checks = Checks("repetition")
    engine = open_whisper(chatty, reject=checks)
    assert engine.transcribe(noise(1), CancelToken(), "Hello there.").rejected == "repetition"
    assert len(checks.seen) == 1


@pytest.mark.parametrize("recent", ["<|endoftext|><|startoftranscript|>", "word " * 2000, "\0", "é 语"])
def test_recent_words_of_any_kind_are_borne(chatty: Path, open_whisper: Open, recent: str) -> None:
    engine = open_whisper(chatty, recent_words=True)
    assert set(engine.transcribe(noise(1), CancelToken(), recent).text) == {"a"}


def test_an_empty_transcript_is_no_speech(tmp_path: Path, open_whisper: Open) -> None:
    assert hear(open_whisper(make_whisper(tmp_path, {END: 20.0}))) == Transcript("", rejected="no speech")


def test_unlikely_words_are_rejected(tmp_path: Path, open_whisper: Open) -> None:
    unsure = make_whisper(tmp_path, {"a": 8.0, "b": 8.0, "c": 8.0, "d": 8.0, "e": 8.0})
    assert hear(open_whisper(unsure)).rejected == "low probability"
    assert hear(open_whisper(unsure, logprob_threshold=-10.0)).text


def test_unsure_words_over_likely_silence_are_no_speech(tmp_path: Path, open_whisper: Open) -> None:
    # The token of silence is only read off; two letters share what is left.
    bias = {NO_SPEECH: 20.0, "a": 12.0, "b": 12.0}
    model = make_whisper(tmp_path, bias, suppressed=(NO_SPEECH,))
    assert hear(open_whisper(model)).rejected == "no speech"
    assert hear(open_whisper(model, no_speech_threshold=1.0)).text


def test_the_language_is_detected_or_set(tmp_path: Path, open_whisper: Open) -> None:
    model = make_whisper(tmp_path, {"a": 15.0, "<|de|>": 10.0}, languages=("en", "de", "fr"))
    assert hear(open_whisper(model)).language == "de"
    assert hear(open_whisper(model, language="fr-CA")).language == "fr"


def test_a_prompt_and_a_beam_are_taken(chatty: Path, open_whisper: Open) -> None:
    engine = open_whisper(chatty, beam_size=3, initial_prompt="knik " * 300, logprob_threshold=-10.0)
    assert hear(engine).text


def test_a_cancelled_turn_is_not_transcribed(chatty: Path, open_whisper: Open) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        open_whisper(chatty).transcribe(noise(1), cancel)


def test_cancelling_between_the_windows_ends_a_long_utterance(chatty: Path, open_whisper: Open) -> None:
    cancel = CancelToken()

    def reject(_: str) -> str:
        cancel.cancel()
        return ""

    with pytest.raises(Cancelled):
        open_whisper(chatty, reject=reject).transcribe(noise(40), cancel)


def test_the_screen_learns_model_precision_and_device(chatty: Path, open_whisper: Open) -> None:
    info = open_whisper(chatty, device="cpu").info
    assert (info.name, info.detail, info.builtin) == ("faster-whisper", "chatty.en int8 on CPU", False)
    assert open_whisper(chatty, device="cpu", compute_type="float32").info.detail.endswith("float32 on CPU")


def test_without_cuda_the_cpu_takes_over_and_says_so(chatty: Path, open_whisper: Open) -> None:
    import ctranslate2

    engine = open_whisper(chatty, device="cuda", compute_type="float16")
    if ctranslate2.get_cuda_device_count() == 0:
        assert engine.info.detail.startswith("chatty.en int8 on CPU (CUDA does not work: ")
    assert hear(engine).text


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"language": "klingon"}, 'does not know the language "klingon"'),
        ({"language": "de"}, 'knows only English, not "de"'),
        ({"device": "cpu", "compute_type": "int7"}, "int7"),
    ],
)
def test_a_wrong_setting_is_named(
    chatty: Path, open_whisper: Open, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(KnikError, match=message) as caught:
        open_whisper(chatty, **settings)
    assert "stt." in caught.value.remedy


@pytest.mark.parametrize("broken", NEEDED)
@pytest.mark.parametrize("cut", [None, 0, 300])
def test_a_missing_or_broken_file_is_an_error_and_nothing_is_fetched(
    chatty: Path, tmp_path: Path, broken: str, cut: int | None, capfd: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "base.en"
    shutil.copytree(chatty, model)
    victim = model / broken
    if cut is None:
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes()[:cut])
    if broken == "config.json" and cut:
        victim.write_text("{")
    with pytest.raises(KnikError, match=r"base\.en") as caught:
        FasterWhisperTranscriber(model, threads=2)
    assert caught.value.remedy == "Fetch it: knik models download base.en"
    assert capfd.readouterr() == ("", "")
