import numpy as np

from knik.engines.trim import trim_silence

RATE = 24_000


def test_silence_is_cut_to_a_short_lead_and_tail() -> None:
    tone = np.full(RATE, 0.5, np.float32)
    gap = np.zeros(RATE // 2, np.float32)
    samples, lead = trim_silence(np.concatenate([gap, tone, gap]), RATE)
    assert samples.size == RATE + RATE // 100 + round(0.12 * RATE)
    assert lead == 0.5 - 0.01


def test_speech_without_silence_stays_whole() -> None:
    tone = np.full(100, 0.5, np.float32)
    samples, lead = trim_silence(tone, RATE)
    assert samples.size == 100
    assert lead == 0.0


def test_nothing_is_left_of_silence() -> None:
    assert trim_silence(np.zeros(1000, np.float32), RATE)[0].size == 0
