"""The micro Kokoro, loaded by the real library."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.kokoro import KokoroSynthesizer
from knik.engines.protocols import VoiceSettings
from tests.rig.micro.kokoro_ear import find

DATA = Path(__file__).parent / "rig" / "micro" / "data" / "kokoro"


@pytest.fixture(scope="module")
def engine() -> KokoroSynthesizer:
    return KokoroSynthesizer(DATA / "micro.onnx", DATA / "voices.bin", threads=1)


def speak(engine: KokoroSynthesizer, text: str, voice: str = "af_heart", speed: float = 1.0) -> Samples:
    chunks = list(engine.synthesize(text, VoiceSettings(voice, speed), CancelToken()))
    return np.concatenate([chunk.samples for chunk in chunks])


def pitch(samples: Samples, rate: int) -> float:
    """The strongest period between 70 and 400 Hz, by autocorrelation."""
    part = samples[rate // 10 : rate // 10 + rate // 2]
    correlation = np.correlate(part, part, "full")[part.size - 1 :]
    shortest, longest = rate // 400, rate // 70
    return rate / (shortest + int(np.argmax(correlation[shortest:longest])))


@pytest.mark.parametrize(("voice", "hertz"), [("af_heart", 200), ("am_michael", 110), ("bf_emma", 180)])
def test_the_pitch_follows_the_voice(engine: KokoroSynthesizer, voice: str, hertz: float) -> None:
    said = speak(engine, "All morning long we are away on our own.", voice)
    assert pitch(said, engine.sample_rate) == pytest.approx(hertz, rel=0.03)


def test_a_blend_lies_between_its_voices(engine: KokoroSynthesizer) -> None:
    said = speak(engine, "All morning long we are away on our own.", "af_heart:0.5,am_michael:0.5")
    assert pitch(said, engine.sample_rate) == pytest.approx(155, rel=0.03)


def test_twice_the_speed_takes_about_half_the_time(engine: KokoroSynthesizer) -> None:
    text = "One two three four five six seven."
    assert speak(engine, text).size / speak(engine, text, speed=2.0).size == pytest.approx(2.0, rel=0.25)


def test_words_have_times_inside_the_sound(engine: KokoroSynthesizer) -> None:
    chunks = list(engine.synthesize("The quick brown fox.", VoiceSettings("af_sky"), CancelToken()))
    words = [word for chunk in chunks for word in chunk.words]
    seconds = sum(chunk.samples.size for chunk in chunks) / engine.sample_rate
    assert [word.text for word in words] == ["The", "quick", "brown", "fox."]
    assert all(a.end <= b.start + 0.02 for a, b in itertools.pairwise(words))
    # How much silence is left behind the last word is the engine's own business.
    assert 0 <= words[0].start < words[-1].start < seconds
    assert words[-1].end == pytest.approx(seconds, abs=0.2)


def test_the_ear_finds_a_clause_where_it_lies_and_no_other(engine: KokoroSynthesizer) -> None:
    clause = speak(engine, "The river sang again.")
    other = speak(engine, "Every morning it walked down.")
    silence = np.zeros(engine.sample_rate, np.float32)
    recording = np.concatenate([silence, 0.3 * clause, silence])
    found = find(recording, engine.sample_rate, clause, engine.sample_rate)
    assert found.start == pytest.approx(1.0, abs=0.002)
    assert found.likeness > 0.95
    assert find(recording, engine.sample_rate, other, engine.sample_rate).likeness < 0.6
