import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.engines.whisper_guard import Guard, Hypothesis, mean_logprob, only_repeats
from knik.engines.whisper_windows import FULL_WINDOW, pad, short_window, windows


def heard(text: str = "hello", no_speech: float = 0.0, logprob: float = -0.2) -> Hypothesis:
    return Hypothesis(text, no_speech, logprob, "en")


def test_likely_words_pass() -> None:
    assert Guard().objection(heard()) == ""


def test_no_words_are_no_speech() -> None:
    assert Guard().objection(heard("")) == "no speech"


def test_a_fluent_invention_on_silence_is_no_speech() -> None:
    assert Guard().objection(heard(no_speech=0.8, logprob=-0.7)) == "no speech"


def test_words_that_whisper_is_sure_of_pass_in_spite_of_silence() -> None:
    assert Guard().objection(heard(no_speech=0.8, logprob=-0.2)) == ""


def test_unlikely_words_are_thrown_away() -> None:
    assert Guard().objection(heard(logprob=-1.2)) == "low probability"


def test_the_text_is_checked_last() -> None:
    guard = Guard(check=lambda text: "known phrase" if text == "you" else "")
    assert guard.objection(heard("you")) == "known phrase"
    assert guard.objection(heard("you", logprob=-2)) == "low probability"
    assert guard.objection(heard("hello")) == ""


def test_the_mean_counts_the_end_token_in() -> None:
    assert mean_logprob(-1.0, 3) == pytest.approx(-0.75)
    assert mean_logprob(-1.0, 0) == -math.inf


@given(st.integers(1, 9000))
def test_windows_fit_and_together_are_the_utterance(frames: int) -> None:
    features = np.random.default_rng(frames).standard_normal((4, frames)).astype(np.float32)
    parts = list(windows(features))
    assert all(0 < part.shape[1] <= FULL_WINDOW for part in parts)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), features)


def test_a_long_utterance_is_cut_in_a_pause() -> None:
    features = np.ones((4, 4000), np.float32)
    features[:, 2500:2540] = -1.0
    first, _ = windows(features)
    assert 2500 <= first.shape[1] <= 2540


@given(st.integers(1, FULL_WINDOW))
def test_a_short_window_holds_the_utterance(frames: int) -> None:
    assert max(1000, frames) <= short_window(frames) <= FULL_WINDOW


def test_padding_is_what_silence_looks_like() -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    extract = FeatureExtractor()
    speech = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    padded = pad(extract(speech, padding=160).astype(np.float32), 300)
    whole = extract(np.pad(speech, (0, 32_000)), padding=160)
    np.testing.assert_allclose(padded[:, 110:], whole[:, 110:300], atol=1e-5)
    silence = pad(extract(np.zeros(16_000, np.float32), padding=160).astype(np.float32), 300)
    assert np.ptp(silence) < 1e-6


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("Two hills.", True),
        ("over TWO hills", True),
        ("hills two", False),
        ("two hill", False),
        ("And over two hills?", False),
        ("", True),
    ],
)
def test_a_run_of_the_recent_words_is_a_repetition(text: str, repeats: bool) -> None:
    assert only_repeats(text, "It went over two hills, and on.") is repeats


def test_nothing_repeats_nothing() -> None:
    assert not only_repeats("Hello.", "")
