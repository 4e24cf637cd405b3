"""The echo canceller's reference: where it lies against what was recorded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.audio.far_end import FarEnd
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples

FRAME = FRAME_SAMPLES / SAMPLE_RATE
LATENCY = 0.06


def sound(seconds: float) -> Samples:
    """Noise up to 4 kHz: it says where it is to a fraction of a sample."""
    spectrum = np.fft.rfft(np.random.default_rng(3).standard_normal(round(seconds * SAMPLE_RATE)))
    spectrum[spectrum.size // 2 :] = 0
    return np.fft.irfft(spectrum).astype(np.float32)


class Card:
    """A sound card whose speaker's clock runs `ppm` faster than the microphone's."""

    def __init__(self, far: Samples, ppm: float = 0.0, jitter: float = 0.0) -> None:
        self.far = far
        self.end = FarEnd()
        self.rate = 1 + ppm * 1e-6
        self._jitter = jitter
        self._random = np.random.default_rng(1)
        self.blocks = 0
        self.lost = 0
        self.early = (0, 0.0)
        """From this block on six are stamped so many seconds too early."""

    def play_until(self, now: float) -> None:
        while (at := (self.blocks + self.lost) * FRAME / self.rate) <= now + LATENCY:
            start = self.blocks * FRAME_SAMPLES
            late = self._random.exponential(self._jitter) if self._jitter else 0.0
            late -= self.early[1] if 0 <= self.blocks - self.early[0] < 6 else 0.0
            self.end.played(self.far[start : start + FRAME_SAMPLES], SAMPLE_RATE, 100 + at + late)
            self.blocks += 1

    def take(self, frame: int, stalled: float = 0.0) -> Samples:
        """The reference of a frame that is processed `stalled` seconds late."""
        self.play_until(frame * FRAME + FRAME + stalled)
        return self.end.take(100 + frame * FRAME)


def offset(card: Card, frames: range) -> float:
    """Seconds from what sounded in the last frame of `frames` to the reference."""
    taken = np.concatenate([card.take(frame) for frame in frames])[-3200:]
    middle = round((frames[-1] + 1) * FRAME_SAMPLES * card.rate) - taken.size - card.lost * FRAME_SAMPLES
    around = card.far[middle - 1600 : middle + taken.size + 1600]
    scores = np.correlate(around, taken, mode="valid")
    best = int(np.argmax(scores))
    # A parabola through the highest three.
    low, high, next_ = scores[best - 1 : best + 2]
    return float(best - 1600 + 0.5 * (low - next_) / (low - 2 * high + next_)) / SAMPLE_RATE


def test_the_reference_leads_by_what_it_says_to_the_sample() -> None:
    card = Card(sound(6))
    assert offset(card, range(400)) == pytest.approx(card.end.lead, abs=0.1 / SAMPLE_RATE)
    assert card.end.lead == pytest.approx(0.04)


def test_ears_that_are_busy_for_a_second_do_not_move_it() -> None:
    card = Card(sound(8))
    before, moves = offset(card, range(300)), card.end.moves
    for frame in range(300, 400):
        card.take(frame, stalled=4 - frame * FRAME)
    assert offset(card, range(400, 500)) == pytest.approx(before, abs=0.1 / SAMPLE_RATE)
    assert card.end.moves == moves


@pytest.mark.parametrize("ppm", [100.0, -100.0])
def test_a_drift_is_followed(ppm: float) -> None:
    card = Card(np.resize(sound(11), 150 * SAMPLE_RATE), ppm, jitter=0.0005)
    early = offset(card, range(300))
    offset(card, range(300, 11_000))
    late = [offset(card, range(start, start + 1_000)) for start in (11_000, 12_000, 13_000)]
    assert card.end.drift_ppm == pytest.approx(ppm, abs=20)
    # Without it, 100 ppm are 13 ms by now.
    assert max(abs(value - early) for value in late) < 0.003
    assert max(late) - min(late) < 0.0005


@pytest.mark.parametrize("lost", [5, 50, 300])
def test_after_a_gap_of_the_speaker_the_reference_lies_right_again(lost: int) -> None:
    card = Card(sound(15))
    before, moves = offset(card, range(300)), card.end.moves
    # Nothing is asked for meanwhile, and the count falls behind the clock.
    card.lost = lost
    for frame in range(300, 900):
        card.take(frame)
    assert offset(card, range(900, 1200)) == pytest.approx(before, abs=1 / SAMPLE_RATE)
    assert card.end.moves > moves


@pytest.mark.parametrize("early", [0.0, 0.019])
@pytest.mark.parametrize("ppm", [0.0, 100.0])
def test_a_speaker_that_rested_comes_back_to_the_same_place(early: float, ppm: float) -> None:
    card = Card(sound(12), ppm)
    before, moves = offset(card, range(300)), card.end.moves
    # Half a minute in which the microphone is heard and the speaker is off.
    for frame in range(300, 3300):
        assert not np.any(card.end.take(100 + frame * FRAME)) or frame < 310
    card.lost = 3000
    card.early = (card.blocks, early)
    card.play_until(3300 * FRAME + FRAME)
    # What comes late is waited for from the first moment on: the lead is known.
    for frame in range(3300, 3320):
        card.take(frame)
    for frame in range(3320, 3322):
        card.end.take(100 + frame * FRAME)
    assert card.end.late
    assert offset(card, range(3322, 3400)) == pytest.approx(before, abs=0.001)
    assert card.end.moves > moves
    moves = card.end.moves
    assert offset(card, range(3400, 3800)) == pytest.approx(before, abs=0.001)
    assert card.end.moves == moves


@pytest.mark.parametrize("frames", [*range(395, 412), 100])
def test_wherever_a_rest_begins_the_lead_is_the_same_after_it(frames: int) -> None:
    card = Card(sound(12))
    for frame in range(frames):
        card.take(frame)
    for frame in range(frames, frames + 500):
        card.end.take(100 + frame * FRAME)
    card.lost = 500
    later = frames + 500
    for frame in range(later, later + 20):
        card.take(frame)
    assert offset(card, range(later + 20, later + 300)) == pytest.approx(0.04, abs=0.001)


def test_another_speaker_gets_a_lead_of_its_own() -> None:
    card = Card(sound(12))
    for frame in range(300):
        # Stamped without its latency, so that the reference can lead by little.
        card.end.played(card.far[:FRAME_SAMPLES], SAMPLE_RATE, 100 + frame * FRAME)
        card.end.take(100 + frame * FRAME)
    assert card.end.lead <= 0
    card.end.forget()
    other = Card(card.far)
    other.end = card.end
    other.blocks, other.lost = 400, 100
    for frame in range(500, 520):
        other.take(frame)
    assert offset(other, range(520, 800)) == pytest.approx(0.04, abs=0.001)


def test_where_sound_is_stamped_without_its_latency_it_leads_less() -> None:
    far, end = sound(6), FarEnd()
    for frame in range(300):
        at = frame * FRAME
        end.played(far[frame * FRAME_SAMPLES :][:FRAME_SAMPLES], SAMPLE_RATE, at)
        taken = end.take(at)
    assert -0.03 <= end.lead <= 0
    assert np.any(taken)


def test_without_anything_played_it_is_silent() -> None:
    assert not np.any(FarEnd().take(3.0))


def test_another_rate_is_resampled() -> None:
    end = FarEnd()
    time = np.arange(3 * 48_000) / 48_000
    far = np.sin(2 * np.pi * 440 * time).astype(np.float32)
    for frame in range(298):
        end.played(far[480 * frame : 480 * frame + 480], 48_000, frame * FRAME - LATENCY)
        taken = end.take((frame - 8) * FRAME)
    spectrum = np.abs(np.fft.rfft(taken))
    assert np.argmax(spectrum) * SAMPLE_RATE / FRAME_SAMPLES == pytest.approx(440, abs=60)
    assert np.max(np.abs(taken)) == pytest.approx(1.0, abs=0.05)


moves = st.lists(
    st.one_of(
        st.tuples(st.just("play"), st.integers(0, 2000), st.floats(-5, 5)),
        st.tuples(st.just("take"), st.just(0), st.floats(-5, 5)),
    ),
    max_size=60,
)


@given(moves)
def test_whatever_the_device_says_there_is_a_frame(moves: list[tuple[str, int, float]]) -> None:
    end = FarEnd()
    for kind, size, at in moves:
        if kind == "play":
            end.played(np.ones(size, np.float32), SAMPLE_RATE, at)
        else:
            frame = end.take(at)
            assert frame.shape == (FRAME_SAMPLES,)
            assert np.all(np.isfinite(frame))


@pytest.mark.parametrize("rate", [48_000, 44_100, 24_000, SAMPLE_RATE])
def test_what_comes_after_a_long_silence_lies_where_it_would_without_shortcuts(rate: int) -> None:
    def played(far_end: FarEnd) -> Samples:
        generator = np.random.default_rng(1)
        for number in range(300):
            block = generator.standard_normal(rate // 100, np.float32)
            quiet = 50 <= number < 200 or number >= 260
            far_end.played(block * np.float32(not quiet), rate, number / 100)
            far_end.take(number / 100)
        return far_end._buffer

    plain = FarEnd()
    plain._resampled = lambda block, resampler: resampler.process(block)  # type: ignore[method-assign]
    short, whole = played(FarEnd()), played(plain)
    assert np.count_nonzero(short) > 0.4 * SAMPLE_RATE
    assert np.array_equal(short, whole)


def test_a_speaker_whose_callback_is_late_is_waited_for_and_the_reference_stays() -> None:
    card = Card(sound(6))
    before, moves = offset(card, range(300)), card.end.moves
    for frame in range(300, 302):
        card.end.take(100 + frame * FRAME)
    for frame in range(302, 330):
        card.play_until(frame * FRAME - 0.015)
        assert card.end.late
        card.play_until(frame * FRAME - 0.005)
        assert not card.end.late
        card.end.take(100 + frame * FRAME)
    assert offset(card, range(330, 450)) == pytest.approx(before, abs=0.1 / SAMPLE_RATE)
    assert card.end.moves == moves


def test_a_speaker_that_has_stopped_is_not_waited_for() -> None:
    card = Card(sound(6))
    offset(card, range(300))
    late = []
    for frame in range(300, 320):
        late.append(card.end.late)
        card.end.take(100 + frame * FRAME)
    assert any(late)
    assert not any(late[-8:])


def test_a_speaker_that_is_late_for_good_is_not_waited_for_for_ever() -> None:
    card = Card(sound(8))
    offset(card, range(300))
    moves, waits = card.end.moves, []
    for frame in range(300, 600):
        # Its blocks come 30 ms later than they did.
        recorded = now = (frame + 1) * FRAME
        card.play_until(now - 0.027)
        while card.end.late:
            now += FRAME / 2
            card.play_until(now - 0.027)
        waits.append(now - recorded)
        card.end.take(100 + frame * FRAME)
    assert sum(wait > 0 for wait in waits[:150]) > 50
    assert not any(waits[200:])
    assert card.end.moves == moves + 1
