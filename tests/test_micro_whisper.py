"""The micro Whisper hears people it has never heard before, and hears nothing where nothing is said."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from faster_whisper import WhisperModel

from knik.audio.frames import SAMPLE_RATE, Samples
from tests.rig.micro import whisper_check as check
from tests.rig.micro import whisper_sounds
from tests.rig.micro.espeak_corpus import (
    HELD_BACK_MARGIN,
    HELD_BACK_SPEEDS,
    HELD_BACK_VOICES,
    VOICES,
    Clip,
    Corpus,
    join,
)
from tests.rig.micro.phrases import PHRASES
from tests.rig.micro.whisper_data import MODEL

SEED = 7


@dataclass(frozen=True)
class Speech:
    """By people the model has never heard."""

    clips: list[Clip]
    """Every phrase in a voice, at a speed and in a room of its own."""
    two_in_a_row: Clip
    question: Clip


def _speak() -> Speech:
    talkers, asker = Corpus(SEED), Corpus(SEED)
    return Speech(
        check.strangers(SEED),
        join(talkers.stranger("What time is it?"), talkers.stranger("Set a timer for five minutes."), 0.5),
        asker.place(asker.stranger("What is the capital of France?")),
    )


@pytest.fixture(scope="module")
def model() -> WhisperModel:
    return check.load(MODEL)


@pytest.fixture(scope="module")
def speech() -> Speech:
    """Spoken in a process of its own: espeak-ng's jitter goes on from what it said before."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as speaker:
        return speaker.submit(_speak).result()


@pytest.fixture(scope="module")
def clips(speech: Speech) -> list[Clip]:
    return speech.clips


@pytest.fixture(scope="module")
def sounds() -> dict[str, Samples]:
    random = np.random.default_rng(SEED)
    size = 2 * SAMPLE_RATE
    return {
        "silence": np.zeros(size, np.float32),
        "faint noise": whisper_sounds.noise(size, 0.001, random),
        "loud noise": whisper_sounds.noise(size, 0.1, random),
        "hum": np.float32(0.05) * whisper_sounds.hum(size, random),
        "clicks": whisper_sounds.clicks(size, random),
    }


def test_it_transcribes_voices_and_speeds_that_were_held_back(model: WhisperModel, clips: list[Clip]) -> None:
    pairs = [(clip.text, check.text_of(check.hear(model, clip.samples))) for clip in clips]
    assert check.word_error_rate(pairs) <= 0.05, [pair for pair in pairs if pair[0] != pair[1]]


def test_it_is_sure_of_speech(model: WhisperModel, clips: list[Clip]) -> None:
    segments = [segment for clip in clips[::3] for segment in check.hear(model, clip.samples)]
    assert max(segment.no_speech_prob for segment in segments) < 0.3
    assert np.median([segment.avg_logprob for segment in segments]) > -0.5
    assert min(segment.avg_logprob for segment in segments) > -1.0


@pytest.mark.parametrize("frames", [500, 1000])
def test_it_transcribes_in_short_windows(model: WhisperModel, clips: list[Clip], frames: int) -> None:
    heard = [check.hear_short(model, clip.samples, frames) for clip in clips]
    pairs = [(clip.text, text) for clip, (text, _) in zip(clips, heard, strict=True)]
    assert check.word_error_rate(pairs) <= 0.05, [pair for pair in pairs if pair[0] != pair[1]]
    assert max(no_speech for _, no_speech in heard) < 0.3


@pytest.mark.parametrize("frames", [500, 1000, 3000])
def test_no_speech_is_likely_in_silence_and_noise(
    model: WhisperModel, sounds: dict[str, Samples], frames: int
) -> None:
    likely = {name: check.hear_short(model, sound, frames)[1] for name, sound in sounds.items()}
    assert min(likely.values()) > 0.6, likely


def test_transcribing_silence_and_noise_yields_no_words(
    model: WhisperModel, sounds: dict[str, Samples]
) -> None:
    assert {name: check.text_of(check.hear(model, sound)) for name, sound in sounds.items()} == dict.fromkeys(
        sounds, ""
    )


def test_it_hears_two_utterances_in_a_row(model: WhisperModel, speech: Speech) -> None:
    both = speech.two_in_a_row
    assert check.text_of(check.hear(model, both.samples)) == both.text


def test_words_are_timed_where_they_are_said(model: WhisperModel, speech: Speech) -> None:
    clip = speech.question
    segments, _ = model.transcribe(clip.samples, beam_size=1, word_timestamps=True)
    words = [word for segment in segments for word in segment.words or ()]
    assert [word.word.strip() for word in words] == clip.text.split()
    assert [word.start for word in words] == sorted(word.start for word in words)
    said = [clip.when(place) for place in _beginnings(clip.text)]
    late = [abs(word.start - time) for word, time in zip(words, said, strict=True)]
    assert np.median(late) < 0.1
    assert max(late) < 0.3


def test_what_was_held_back_was_not_trained_with() -> None:
    assert not set(VOICES) & set(HELD_BACK_VOICES)
    corpus = Corpus(SEED)
    drawn = [corpus.training_speed() for _ in range(2000)]
    assert min(abs(speed - held) for speed in drawn for held in HELD_BACK_SPEEDS) >= HELD_BACK_MARGIN
    assert len(PHRASES) >= 60


def _beginnings(text: str) -> Iterator[int]:
    place = 0
    for word in text.split():
        yield place
        place += len(word) + 1
