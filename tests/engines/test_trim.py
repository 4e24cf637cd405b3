from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.espeak import EspeakSynthesizer
from knik.engines.protocols import VoiceSettings
from knik.engines.trim import FADE_SECONDS, HELD_SECONDS, ClauseEdges, trim_silence

RATE = 24_000
TONE = np.full(RATE, 0.5, np.float32)
FADE = round(FADE_SECONDS * RATE)
GENTLE = 0.5 * np.pi / 2 / FADE + 1e-4
"""Steepest step of a raised cosine from 0 to the tone."""


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def in_blocks(samples: Samples, cuts: list[int]) -> Samples:
    edges = ClauseEdges(RATE)
    ends = [0, *sorted(min(cut, samples.size) for cut in cuts), samples.size]
    parts = [edges.feed(samples[start:end]) for start, end in pairwise(ends)]
    return np.concatenate([*parts, edges.finish()])


def test_silence_is_cut_to_a_short_lead_and_tail() -> None:
    samples, lead = trim_silence(np.concatenate([silence(0.5), TONE, silence(1.5)]), RATE)
    assert samples.size == RATE + RATE // 100 + round(0.12 * RATE)
    assert lead == 0.5 - 0.01


def test_what_was_audible_is_untouched_where_silence_surrounds_it() -> None:
    samples, _ = trim_silence(np.concatenate([silence(0.5), TONE, silence(0.5)]), RATE)
    np.testing.assert_array_equal(samples[RATE // 100 :][: TONE.size], TONE)


def test_speech_without_silence_keeps_its_length_and_is_faded_at_both_ends() -> None:
    samples, lead = trim_silence(TONE, RATE)
    assert (samples.size, lead) == (TONE.size, 0.0)
    np.testing.assert_array_equal(samples[FADE:-FADE], TONE[FADE:-FADE])
    assert TONE.min() == 0.5, "the caller's samples are his own"


def test_two_clauses_that_are_cut_off_meet_without_a_click() -> None:
    joined = np.concatenate([trim_silence(TONE, RATE)[0], -trim_silence(TONE, RATE)[0]])
    assert np.abs(np.diff(joined, prepend=0, append=0)).max() < GENTLE
    assert np.abs(np.diff(np.concatenate([TONE, -TONE]))).max() == 1.0


def test_clauses_of_a_voice_meet_at_zero() -> None:
    voice = EspeakSynthesizer()
    clauses = [
        np.concatenate([chunk.samples for chunk in voice.synthesize(text, VoiceSettings(), CancelToken())])
        for text in ("Aha!", "Ooh, err", "Mmm")
    ]
    ends = [abs(sample) for clause in clauses for sample in (clause[0], clause[-1])]
    assert max(ends) < 0.0005


def test_a_clause_shorter_than_its_fades_begins_and_ends_at_zero_too() -> None:
    for size in (1, 2, 3, FADE, 2 * FADE - 1, 2 * FADE):
        samples, _ = trim_silence(TONE[:size], RATE)
        assert samples.size == size
        if size > 1:
            assert samples[0] == samples[-1] == 0


def test_nothing_is_left_of_silence() -> None:
    assert trim_silence(silence(1.0), RATE)[0].size == 0
    assert in_blocks(silence(1.0), [100, 5000]).size == 0


@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 4000)), min_size=1, max_size=8),
    st.lists(st.integers(0, 32_000), max_size=8),
)
def test_blocks_make_no_difference(parts: list[tuple[bool, int]], cuts: list[int]) -> None:
    sound = np.concatenate([np.full(size, 0.5 * loud, np.float32) for loud, size in parts])
    np.testing.assert_array_equal(in_blocks(sound, cuts), trim_silence(sound, RATE)[0])


def test_a_long_silence_is_not_held_back_for_ever() -> None:
    edges = ClauseEdges(RATE)
    edges.feed(TONE)
    given_out = sum(edges.feed(silence(0.1)).size for _ in range(50)) / RATE
    assert given_out >= 5.0 - HELD_SECONDS - 0.2
