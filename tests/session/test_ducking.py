"""The voice is lowered, held and raised again at the gate before the speaker."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.frames import Samples
from knik.dialogue.heard import SpokenClause, word_start
from knik.engines.protocols import Word
from knik.session.playback import HOLD_SECONDS, RAMP_SECONDS, Sound
from knik.session.volume import Volume
from tests.session.test_playback import BLOCK, RATE, Speaker, tone

RAMP = round(RAMP_SECONDS * RATE)
HOLD = round(HOLD_SECONDS * RATE)
DUCKED = 0.5 * 10 ** (-18 / 20)


def counting(samples: int) -> Samples:
    """Samples that tell their own place; all of them audible."""
    return np.arange(1, samples + 1, dtype=np.float32) / 16_384 + np.float32(0.25)


def places(block: Samples) -> list[int]:
    return [round((value - 0.25) * 16_384) - 1 for value in block.tolist()]


def speaking(sound_of: Samples, words: tuple[Word, ...] = ()) -> tuple[Speaker, Sound]:
    speaker = Speaker()
    sound, _ = speaker.sound()
    sound.begin_clause("one two three four")
    # In odd pieces, as engines give them.
    for at in range(0, sound_of.size, 333):
        sound.push(sound_of[at : at + 333], words if not at else ())
    sound.end_clause()
    speaker.gate.release(sound)
    return speaker, sound


def test_a_ducked_voice_is_lower_and_goes_on_without_a_click() -> None:
    speaker, sound = speaking(tone(8_000))
    speaker.play(2)
    speaker.gate.duck(sound)
    ducked = speaker.play(5)
    assert np.all(np.diff(ducked[:RAMP]) <= 0)
    assert ducked[RAMP:] == pytest.approx(DUCKED)
    speaker.gate.resume(sound)
    raised = speaker.play(2)
    assert raised[-1] == 0.5
    whole = np.concatenate([ducked, raised])
    assert np.abs(np.diff(whole)).max() < 2 * 0.5 / RAMP
    assert sound.played == 9 * BLOCK, "nothing is played twice"


@pytest.mark.parametrize("ducked", [False, True])
def test_a_held_voice_dies_away_and_stays_where_it_is(ducked: bool) -> None:
    speaker, sound = speaking(tone(8_000))
    speaker.play(2)
    if ducked:
        speaker.gate.duck(sound)
        speaker.play(2)
    before = sound.played
    speaker.gate.hold(sound)
    held = speaker.play(20)
    assert np.all(np.diff(held) <= 1e-6)
    assert not held[HOLD + 1 :].any()
    assert sound.played == pytest.approx(before + HOLD, abs=1)
    assert speaker.gate.underruns == 0


def test_a_voice_that_is_ducked_and_held_at_once_dies_away_no_later() -> None:
    speaker, sound = speaking(tone(8_000))
    speaker.play(2)
    speaker.gate.duck(sound)
    speaker.gate.hold(sound)
    assert not speaker.play(20)[HOLD + 1 :].any()


def test_a_held_voice_goes_on_from_the_word_at_which_it_ducked() -> None:
    words = tuple(Word(str(n), 0.1 * n, 0.1 * n + 0.1) for n in range(4))
    speaker, sound = speaking(counting(6_400), words)
    speaker.play(23)
    speaker.gate.duck(sound)
    speaker.play(5)
    speaker.gate.hold(sound)
    speaker.play(30)
    speaker.gate.resume(sound)
    again = speaker.play(3)
    # It ducked 0.23 s into the sound; the word began at 0.2 s.
    assert places(again[RAMP:]) == list(range(3_200 + RAMP, 3_200 + 3 * BLOCK))
    assert again[0] == 0


def test_an_interruption_ends_a_held_voice_without_another_sample() -> None:
    speaker = Speaker()
    sound, token = speaker.sound()
    sound.push(tone(8_000))
    speaker.gate.release(sound)
    speaker.play(2)
    speaker.gate.hold(sound)
    speaker.play(HOLD // BLOCK + 1)
    token.cancel()
    speaker.gate.resume(sound)
    assert not speaker.play(20).any()


def test_an_interruption_ends_a_voice_that_dies_away_within_the_ramp() -> None:
    speaker = Speaker()
    sound, token = speaker.sound()
    sound.push(tone(8_000))
    speaker.gate.release(sound)
    speaker.play(2)
    speaker.gate.hold(sound)
    speaker.play(1)
    token.cancel()
    assert not speaker.play(20)[RAMP:].any()


def test_an_interruption_fades_a_ducked_voice_from_where_it_is() -> None:
    speaker = Speaker()
    sound, token = speaker.sound()
    sound.push(tone(8_000))
    speaker.gate.release(sound)
    speaker.play(2)
    speaker.gate.duck(sound)
    speaker.play(2)
    token.cancel()
    after = speaker.play(2)
    assert after.max() <= DUCKED + 1e-6
    assert not after[RAMP:].any()


def test_the_next_turn_is_heard_at_full_voice() -> None:
    speaker, sound = speaking(tone(320))
    speaker.play(1)
    speaker.gate.hold(sound)
    other, _ = speaker.sound(2)
    other.push(tone(320))
    speaker.gate.release(other)
    assert np.array_equal(speaker.play(2), tone(320))


@given(st.lists(st.sampled_from(["play", "duck", "hold", "resume"]), max_size=60))
def test_however_it_is_lowered_and_raised_every_sample_is_heard_in_order(steps: list[str]) -> None:
    speaker, sound = speaking(counting(3_200))
    heard = -1
    for name in steps:
        match name:
            case "play":
                speaker.play(1)
                assert sound.played <= heard + 1 + BLOCK, "nothing is left out"
                heard = max(heard, sound.played - 1)
            case _:
                getattr(speaker.gate, name)(sound)
    speaker.gate.resume(sound)
    last = speaker.play(40)
    assert places(last[np.abs(last) > 0.25][-1:]) == [3_199]


@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.126, 1.0]), st.sampled_from([0.0, 0.05]), st.integers(1, 500)),
        max_size=30,
    )
)
def test_the_gain_never_jumps(targets: list[tuple[float, float, int]]) -> None:
    volume = Volume(RATE)
    parts = []
    for target, seconds, size in targets:
        volume.aim(target, seconds)
        part = np.ones(size, np.float32)
        volume.apply(part)
        parts.append(part)
    gains = np.concatenate([np.ones(1, np.float32), *parts])
    assert gains.min() >= -1e-6
    assert gains.max() <= 1 + 1e-6
    assert np.abs(np.diff(gains)).max(initial=0) <= 1 / RAMP + 1e-6


def test_the_word_under_way_is_found_by_the_engines_timings_or_by_length() -> None:
    timed = SpokenClause("a bb", 1.0, True, (Word("a", 0.1, 0.4), Word("bb", 0.5, 0.9)))
    assert word_start([timed], 0.3) == 0.1
    assert word_start([timed], 0.45) == 0.45, "between two words nothing was cut off"
    assert word_start([timed], 0.6) == 0.5
    plain = SpokenClause("aaa bbb", 1.0)
    assert word_start([timed, plain], 1.7) == pytest.approx(1.5)
    assert word_start([timed, plain], 1.2) == pytest.approx(1.0)
    assert word_start([], 3.0) == 3.0
