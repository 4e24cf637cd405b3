"""The echo canceller on a simulated room, and the judgement whether there is an echo at all."""

import numpy as np
import pytest

from knik.audio.echo import AutoEcho, WebrtcEcho
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from tests.rig.voices import silence, spoken

ASSISTANT = "I am knik. I tell the time and the date, do sums, convert units and set timers."


def room(far: Samples, delay: float = 0.06, gain: float = 0.4) -> Samples:
    """What a microphone hears of a loudspeaker: delayed, and with a decaying tail."""
    random = np.random.default_rng(4)
    response = random.standard_normal(800) * np.exp(-np.arange(800) / 150) * 0.1
    response[0] = 1.0
    late = np.concatenate([np.zeros(round(delay * SAMPLE_RATE), np.float32), far])
    return (gain * np.convolve(late, response)[: far.size]).astype(np.float32)


def through(canceller: AutoEcho | WebrtcEcho, near: Samples, far: Samples) -> Samples:
    out = []
    for i in range(0, min(near.size, far.size) - 159, 160):
        at = i / SAMPLE_RATE
        canceller.played(far[i : i + 160], SAMPLE_RATE, at)
        out.append(canceller.process(near[i : i + 160], at))
    return np.concatenate(out)


def db(samples: Samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples)) + 1e-12))


@pytest.mark.parametrize("make", [AutoEcho, WebrtcEcho])
def test_an_echo_is_taken_out(make: type[AutoEcho] | type[WebrtcEcho]) -> None:
    far = np.concatenate([silence(0.5), spoken(ASSISTANT), spoken(ASSISTANT)])
    near = room(far)
    clean = through(make(), near, far)
    second = slice(2 * SAMPLE_RATE, None)
    assert db(near[: clean.size][second]) - db(clean[second]) > 20


def test_with_headphones_a_voice_over_the_assistant_comes_through_untouched() -> None:
    far = np.concatenate([silence(0.5), spoken(ASSISTANT), spoken(ASSISTANT)])
    near = np.zeros_like(far)
    voice = spoken("what time is it", "en-us+f2")
    start = 3 * SAMPLE_RATE
    near[start : start + voice.size] = voice
    heard = through(AutoEcho(), near, far)
    assert np.array_equal(heard[start : start + voice.size], near[start : start + voice.size])


def test_the_first_two_seconds_of_a_speaker_are_not_trusted_where_there_is_an_echo() -> None:
    noise = np.random.default_rng(4).standard_normal(4 * SAMPLE_RATE).astype(np.float32) * np.float32(0.1)
    for echo, learns in ((0.3, 2.0), (0.0, 0.5)):
        canceller = AutoEcho()
        assert not canceller.learning, "nothing has been played yet"
        learning = 0
        for at in range(0, noise.size, FRAME_SAMPLES):
            far = noise[at : at + FRAME_SAMPLES]
            canceller.played(far, SAMPLE_RATE, at / SAMPLE_RATE)
            canceller.process(far * np.float32(echo), at / SAMPLE_RATE)
            learning += canceller.learning
        assert 0 < learning * FRAME_SAMPLES <= learns * SAMPLE_RATE


def test_it_tells_how_much_it_took_away_and_nothing_of_bare_frames() -> None:
    far = np.concatenate([spoken(ASSISTANT), spoken(ASSISTANT)])
    for near, least, most in ((room(far), 15.0, 90.0), (np.zeros_like(far), 0.0, 0.0)):
        canceller, taken = AutoEcho(), []
        for at in range(0, far.size - FRAME_SAMPLES, FRAME_SAMPLES):
            canceller.played(far[at : at + FRAME_SAMPLES], SAMPLE_RATE, at / SAMPLE_RATE)
            canceller.process(near[at : at + FRAME_SAMPLES], at / SAMPLE_RATE)
            taken.append(canceller.taken_db)
        assert least <= max(taken[len(taken) // 2 :]) <= most


def test_it_tells_of_an_echo_once_and_of_headphones_that_are_put_on_and_pulled_out() -> None:
    said: list[str] = []
    canceller = AutoEcho(said.append)
    far = np.concatenate([spoken(ASSISTANT), spoken(ASSISTANT)])
    echo, nothing = room(far), np.zeros_like(far)
    through_in_turn(canceller, far, (echo, nothing, echo))
    assert ["rests" in text for text in said] == [False, True, False]
    assert all("Echo heard, 6" in text for text in (said[0], said[2])), said


def test_after_headphones_are_pulled_out_the_echo_is_soon_gone_again() -> None:
    canceller = AutoEcho()
    far = np.concatenate([spoken(ASSISTANT), spoken(ASSISTANT)])
    echo, nothing = room(far), np.zeros_like(far)
    heard = through_in_turn(canceller, far, (nothing, echo))
    second = heard[far.size + 3 * SAMPLE_RATE :]
    assert db(echo[3 * SAMPLE_RATE :]) - db(second) > 20


def through_in_turn(canceller: AutoEcho, far: Samples, nears: tuple[Samples, ...]) -> Samples:
    return through(canceller, np.concatenate(nears), np.concatenate([far] * len(nears)))


def later(sound: Samples, second: float, seconds: float) -> Samples:
    """The same, which from `second` on comes `seconds` later, or sooner if that is negative."""
    cut, by = round(second * SAMPLE_RATE), round(seconds * SAMPLE_RATE)
    return np.concatenate([sound[:cut], np.roll(sound, by)[cut:]])


@pytest.mark.parametrize("always", [False, True])
@pytest.mark.parametrize("seconds", [-0.03, -0.01, 0.03])
def test_where_the_echo_comes_sooner_or_later_than_before_it_is_soon_gone_again(
    seconds: float, always: bool
) -> None:
    far = np.concatenate([silence(0.5), *[spoken(ASSISTANT)] * 3])
    near = later(room(far, delay=0.1), 6.0, seconds)
    clean = through(AutoEcho(always=always), near, far)
    for part in (slice(5 * SAMPLE_RATE, 6 * SAMPLE_RATE), slice(7 * SAMPLE_RATE, 11 * SAMPLE_RATE)):
        assert db(near[: clean.size][part]) - db(clean[part]) > 20


def test_after_a_move_of_the_reference_nothing_is_trusted_until_the_echo_is_known_to_come_as_before() -> None:
    far = np.concatenate([silence(0.5), *[spoken(ASSISTANT)] * 2])
    near = room(far, delay=0.1)
    canceller, learning, behind = WebrtcEcho(), [], 0
    for i in range(0, far.size - 2000, 160):
        at = i / SAMPLE_RATE
        # In the sixth second the speaker's callback is late, and nobody waits.
        while behind <= i + (160 if 5 < at < 5.05 else 640):
            canceller.played(far[behind : behind + 160], SAMPLE_RATE, behind / SAMPLE_RATE)
            behind += 160
        canceller.process(near[i : i + 160], at)
        learning.append(canceller.learning)
    assert not any(learning[400:499])
    assert all(learning[505:560])
    assert not any(learning[580:])
