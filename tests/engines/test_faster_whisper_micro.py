"""The engine with a model that knows what it hears."""

from pathlib import Path

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE
from knik.cancel import CancelToken
from knik.engines.faster_whisper import FasterWhisperTranscriber
from tests.rig.voices import silence, spoken

MODEL = Path(__file__).parents[1] / "rig" / "micro" / "data" / "whisper"
SAID = (
    "What time is it?",
    "How far is the moon?",
    "What is seven times eight?",
    "Tell me a long story.",
    "Good morning.",
    "Goodbye.",
)


@pytest.fixture(scope="module", params=[False, True], ids=["full window", "short window"])
def whisper(request: pytest.FixtureRequest) -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(MODEL, threads=2, short_context=request.param, recent_words=True)


@pytest.mark.parametrize("said", SAID)
def test_what_is_said_is_heard(whisper: FasterWhisperTranscriber, said: str) -> None:
    utterance = np.concatenate([silence(0.3), spoken(said), silence(0.5)])
    heard = whisper.transcribe(utterance, CancelToken())
    assert (heard.text, heard.rejected, heard.language) == (said, "", "en")


LAST_REPLIES = ("The moon is about 384,400 km away.", "Seven times eight is 56.", "What time is it?")
"""Words that come again in what is said, and words that do not."""


@pytest.mark.parametrize("recent", LAST_REPLIES)
@pytest.mark.parametrize("said", SAID)
def test_recent_words_change_nothing_of_what_is_said(
    whisper: FasterWhisperTranscriber, said: str, recent: str
) -> None:
    utterance = np.concatenate([silence(0.3), spoken(said), silence(0.5)])
    assert whisper.transcribe(utterance, CancelToken(), recent).text == said


@pytest.mark.parametrize("recent", LAST_REPLIES)
@pytest.mark.parametrize("level", [0.0, 0.001, 0.05])
def test_recent_words_are_not_heard_in_noise(
    whisper: FasterWhisperTranscriber, level: float, recent: str
) -> None:
    noise = level * np.random.default_rng(4).standard_normal(32_000)
    heard = whisper.transcribe(noise.astype(np.float32), CancelToken(), recent)
    assert (heard.text, heard.rejected) == ("", "no speech")


def test_a_long_utterance_is_heard_beyond_its_first_window(whisper: FasterWhisperTranscriber) -> None:
    utterance = silence(32)
    for start, said in ((0.3, SAID[0]), (20.5, SAID[1])):
        sound = spoken(said)
        at = round(start * SAMPLE_RATE)
        utterance[at : at + sound.size] = sound
    assert whisper.transcribe(utterance, CancelToken()).text == f"{SAID[0]} {SAID[1]}"


@pytest.mark.parametrize("level", [0.0, 0.001, 0.05])
def test_noise_is_no_speech(whisper: FasterWhisperTranscriber, level: float) -> None:
    noise = level * np.random.default_rng(3).standard_normal(32_000)
    heard = whisper.transcribe(noise.astype(np.float32), CancelToken())
    assert (heard.text, heard.rejected) == ("", "no speech")
