"""The first sign of speech."""

from collections.abc import Iterator

import numpy as np
import pytest

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.speech_events import SpeechDismissed, SpeechEvent, SpeechSuspected
from knik.audio.suspicion import LONGEST, LULL, Suspicion
from knik.audio.vad import WebrtcVad
from knik.bench.noise import fan
from tests.rig.room.bangs import BANGS
from tests.rig.voices import silence, spoken


class Everything:
    """A gate that takes every frame for speech."""

    def probability(self, frame: Samples) -> float:
        return 1.0


def events(suspicion: Suspicion, sound: Samples, start: int = 0) -> Iterator[SpeechEvent]:
    for at in range(0, sound.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        end = start + at + FRAME_SAMPLES
        yield from suspicion.step(sound[at : at + FRAME_SAMPLES], end, in_utterance=False)


def level(db: float, seconds: float) -> Samples:
    return np.full(round(seconds * SAMPLE_RATE), 10 ** (db / 20), np.float32)


@pytest.mark.parametrize("voice", ["en-us+f2", "en-us+m3", "en-gb+m5", "en-us"])
@pytest.mark.parametrize("text", ["no that is wrong", "how far is the moon", "wait a moment"])
def test_a_voice_is_suspected_within_its_first_frames(text: str, voice: str) -> None:
    background = np.float32(0.03) * fan(5.0, SAMPLE_RATE, 1)
    speech = spoken(text, voice)
    begin = 4 * SAMPLE_RATE - int(np.flatnonzero(np.abs(speech) > 0.1)[0])
    background[begin : begin + speech.size] += speech[: background.size - begin]
    first = next(events(Suspicion(WebrtcVad(1)), background))
    assert isinstance(first, SpeechSuspected)
    assert first.at - 4 * SAMPLE_RATE <= 0.05 * SAMPLE_RATE


def test_a_suspicion_that_comes_to_nothing_is_dropped_after_a_lull() -> None:
    sound = np.concatenate([level(-70, 1), level(-20, 0.05), level(-70, 1)])
    suspected, dismissed = events(Suspicion(Everything()), sound)
    assert suspected == SpeechSuspected(SAMPLE_RATE + FRAME_SAMPLES), "so loud a frame is enough"
    assert dismissed == SpeechDismissed(SAMPLE_RATE + 5 * FRAME_SAMPLES + LULL)


def test_a_noise_that_goes_on_is_background_before_long() -> None:
    sound = np.concatenate([level(-70, 1), level(-30, 20)])
    found = list(events(Suspicion(Everything()), sound))
    assert isinstance(found[0], SpeechSuspected)
    assert found[1].at - found[0].at == LONGEST
    assert found[-1].at < 3 * SAMPLE_RATE


def test_while_somebody_speaks_there_is_nothing_to_suspect() -> None:
    suspicion = Suspicion(Everything())
    list(events(suspicion, np.concatenate([level(-70, 1), level(-20, 0.1)])))
    loud = level(-20, 0.01)
    assert not any(suspicion.step(loud, 20_000 + n, in_utterance=True) for n in range(100))
    assert not list(events(suspicion, level(-70, 1), 30_000)), "the suspicion became an utterance"


def test_quiet_and_steady_noise_are_not_suspected() -> None:
    assert not list(events(Suspicion(WebrtcVad(1)), silence(3.0)))
    found = list(events(Suspicion(WebrtcVad(1)), np.float32(0.3) * fan(20.0, SAMPLE_RATE, 2)))
    assert all(event.at < 2 * SAMPLE_RATE for event in found)


@pytest.mark.parametrize("kind", ["clap", "keystroke", "door slam"])
def test_after_a_bang_the_suspicion_does_not_last(kind: str) -> None:
    sound = np.concatenate([silence(1.0), BANGS[kind](SAMPLE_RATE, 3), silence(1.5)])
    found = list(events(Suspicion(WebrtcVad(1)), sound))
    assert len(found) % 2 == 0
    assert all(after.at - before.at <= LONGEST for before, after in zip(found[::2], found[1::2], strict=True))


def test_what_the_canceller_left_of_a_loud_echo_is_not_suspected() -> None:
    quiet, loud = level(-70, 1), level(-20, 0.01)
    for taken_db, expected in ((18.0, 0), (0.0, 1)):
        suspicion = Suspicion(Everything())
        list(events(suspicion, quiet))
        found = [suspicion.step(loud, 20_000 + n, in_utterance=False, taken_db=taken_db) for n in range(5)]
        assert sum(map(len, found)) == expected
        assert suspicion.active == bool(expected)


def test_the_longer_something_stands_out_the_less_proof_is_needed() -> None:
    suspicion = Suspicion(Everything())
    list(events(suspicion, level(-70, 1)))
    assert suspicion.weigh(0.1) == 0.1, "nothing is suspected"
    weighed = []
    for n in range(1, 13):
        suspicion.step(level(-20, 0.01), SAMPLE_RATE + n * FRAME_SAMPLES, in_utterance=False)
        weighed.append(suspicion.weigh(0.06))
    assert weighed == sorted(weighed)
    assert weighed[0] < 0.25
    assert weighed[-1] > 0.5
    assert suspicion.weigh(0.005) < 0.1, "as good as certain that it is no speech"
    assert (suspicion.weigh(0.0), suspicion.weigh(1.0)) == (0.0, 1.0)


def test_a_frame_that_stands_out_a_little_is_not_enough_but_two_are() -> None:
    sound = np.concatenate(
        [level(-60, 1), level(-50, 0.01), level(-60, 0.5), level(-50, 0.02), level(-60, 1)]
    )
    suspected, _ = events(Suspicion(Everything()), sound)
    assert suspected == SpeechSuspected(round(1.53 * SAMPLE_RATE))
