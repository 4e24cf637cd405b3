"""From the microphone to what the engines get, as the configuration has it."""

import numpy as np
import pytest

from knik.audio.echo import AutoEcho
from knik.audio.endpointer import Endpointer, EndpointerConfig
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.speech_events import SpeechDismissed, SpeechStarted, SpeechSuspected, UtteranceEnded
from knik.audio.suspicion import Suspicion
from knik.audio.vad import WebrtcVad, make_vad
from knik.bench.noise import fan
from knik.config.load import load
from knik.session.ears import LONGEST_WAIT, REST_SECONDS, Ears
from knik.session.setup import make_ears
from tests.rig.room.echo_path import EchoPath
from tests.rig.voices import silence, spoken

BLOCK = SAMPLE_RATE // 100


def heard(sound: Samples, **audio: str) -> Samples:
    """What is kept of a sound that the microphone takes up, while the speaker is silent."""
    config = load(None, {}, {f"audio.{key}": value for key, value in audio.items()}).config
    ears = make_ears(config, echo=True)
    ears.load()
    for start in range(0, sound.size - BLOCK + 1, BLOCK):
        at = start / SAMPLE_RATE
        ears.played(np.zeros(BLOCK, np.float32), SAMPLE_RATE, at)
        ears.capture(sound[start : start + BLOCK], SAMPLE_RATE, at, False)
        ears.listen()
    return ears.history.slice(0, ears.history.end)


def db(samples: Samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples)) + 1e-12))


@pytest.mark.parametrize("echo", ["auto", "on", "off"])
def test_noise_is_suppressed_where_that_was_chosen_with_and_without_an_echo_canceller(echo: str) -> None:
    noise = fan(4.0, SAMPLE_RATE, 1) * np.float32(0.1)
    last = slice(-2 * SAMPLE_RATE, None)
    left = heard(noise, echo=echo, noise_suppression="on")[last]
    assert db(heard(noise, echo=echo)[last]) - db(left) > 10


def test_a_faint_voice_is_raised_where_that_was_chosen() -> None:
    said = np.concatenate([silence(0.5), *[spoken("what time is it in London and in Paris")] * 3])
    faint = said * np.float32(0.03)
    last = slice(-2 * SAMPLE_RATE, None)
    raised = db(heard(faint, gain_control="on", echo="off")[last])
    assert raised - db(heard(faint, echo="off")[last]) > 6


class Weakener:
    """An echo canceller that makes everything weaker."""

    learning = False
    exists = True
    moves = 0
    late = False
    far = np.zeros(BLOCK, np.float32)

    def __init__(self, db: float) -> None:
        self.taken_db = db
        self._factor = np.float32(10 ** (-db / 20))

    def process(self, frame: Samples, at: float) -> Samples:
        return frame * self._factor

    def played(self, block: Samples, rate: int, at: float) -> None:
        pass

    def suspect(self) -> None:
        pass

    def relearn(self) -> None:
        pass


@pytest.mark.parametrize(("taken_away", "noticed"), [(12.0, True), (28.0, False)])
def test_what_the_canceller_has_left_of_a_loud_echo_is_no_voice(taken_away: float, noticed: bool) -> None:
    ears = Ears(make_vad, Endpointer(EndpointerConfig()), lambda: Weakener(taken_away))
    ears.load()
    said = spoken("what time is it in London")
    said += np.random.default_rng(1).standard_normal(said.size, np.float32) * np.float32(0.002)
    ears.capture(said, SAMPLE_RATE, 0.0, False)
    assert any(isinstance(event, SpeechStarted) for event in ears.listen()) == noticed


def test_the_microphone_waits_for_what_the_speaker_plays_but_not_for_long() -> None:
    canceller = Weakener(0.0)
    ears = Ears(None, Endpointer(EndpointerConfig()), lambda: canceller)
    ears.load()
    block = np.zeros(BLOCK, np.float32)

    def hear(blocks: int) -> int:
        for _ in range(blocks):
            ears.capture(block, SAMPLE_RATE, 0.0, False)
            ears.listen()
        return ears.history.end // BLOCK

    assert hear(10) == 10
    canceller.late = True
    assert hear(5) == 10
    assert ears.waits
    assert hear(10) == 20
    canceller.late = False
    ears.listen()
    assert (ears.history.end // BLOCK, ears.waits) == (25, False)


def test_ears_at_rest_wake_once_a_piece_even_while_the_speaker_is_a_little_late() -> None:
    canceller = Weakener(0.0)
    ears = Ears(None, Endpointer(EndpointerConfig()), lambda: canceller)
    ears.load()
    canceller.late = True
    woken = 0
    for _ in range(120):
        ears.capture(np.zeros(BLOCK, np.float32), SAMPLE_RATE, 0.0, False)
        if ears.due or ears.waits:
            woken += 1
            ears.listen()
        ears.rest(quiet=True)
    assert woken <= 1.2 / REST_SECONDS + 1
    waiting = SAMPLE_RATE * (REST_SECONDS + LONGEST_WAIT)
    assert ears.history.end >= 120 * BLOCK - waiting


def test_a_suspicion_does_not_outlast_the_moment_from_which_nothing_is_trusted() -> None:
    canceller = Weakener(0.0)
    ears = Ears(
        make_vad,
        Endpointer(EndpointerConfig(onset=5.0)),
        lambda: canceller,
        make_suspicion=lambda: Suspicion(WebrtcVad(1)),
    )
    ears.load()
    noise = np.random.default_rng(1).standard_normal(SAMPLE_RATE, np.float32) * np.float32(0.0002)
    said = np.concatenate([noise, spoken("what time is it in London")])
    events: list[object] = []
    for start in range(0, said.size - BLOCK, BLOCK):
        ears.capture(said[start : start + BLOCK], SAMPLE_RATE, 0.0, False)
        events += ears.listen()
        canceller.learning = bool(events)
    assert [type(event) for event in events] == [SpeechSuspected, SpeechDismissed]


def test_a_talk_key_that_is_never_let_go_ends_with_the_longest_utterance() -> None:
    config = load(None, {}, {"endpoint.max_utterance_s": 2}).config
    ears = make_ears(config, push_to_talk=True)
    ears.load()
    ears.talk_key()
    events = []
    for _ in range(300):
        ears.capture(np.zeros(BLOCK, np.float32), SAMPLE_RATE, 0.0, False)
        events += ears.listen()
    assert [type(event) for event in events] == [UtteranceEnded]
    assert ears.talk_key() == (), "this one was meant to end it"
    assert [type(event) for event in ears.talk_key()] == [SpeechStarted]


def test_without_either_the_sound_stays_as_it_is() -> None:
    said = spoken("what time is it")
    same = heard(said, echo="off")
    assert np.array_equal(same, said[: same.size])


def heard_while(far: Samples, microphone: Samples, echo: str) -> Ears:
    """Ears that have heard something while the speaker played something."""
    ears = make_ears(load(None, {}, {"audio.echo": echo}).config, echo=True)
    ears.load()
    let_hear(ears, far, microphone)
    return ears


def let_hear(ears: Ears, far: Samples, microphone: Samples, since: int = 0) -> None:
    for start in range(since, far.size - BLOCK + 1, BLOCK):
        at = start / SAMPLE_RATE
        # What is to sound is handed over before it does.
        ears.played(far[start : start + BLOCK], SAMPLE_RATE, at + 0.06)
        ears.capture(microphone[start : start + BLOCK], SAMPLE_RATE, at + 0.06, False)
        ears.listen()


def likeness(heard: Samples, said: Samples) -> float:
    """Correlation, at whatever delay."""
    scores = np.correlate(heard, said, mode="full")
    return float(np.max(scores) / (np.linalg.norm(heard) * np.linalg.norm(said)))


@pytest.mark.parametrize("echo", ["auto", "on"])
def test_a_transcriber_gets_more_of_a_voice_over_the_assistant_than_the_canceller_leaves(echo: str) -> None:
    far = np.float32(0.5) * spoken("the capital of France is Paris, where about two million people live")
    near = np.zeros_like(far)
    said = np.float32(0.5) * spoken("what time is it", "en-us+f2")
    at = 3 * SAMPLE_RATE
    near[at : at + said.size] = said
    ears = heard_while(far, EchoPath(gain_db=0.0).apply(far, SAMPLE_RATE) + near, echo)
    ears.hurry()
    assert ears.said(at, at + said.size).size == said.size
    assert likeness(ears.said(at, at + said.size), said) > 0.8
    assert likeness(ears.history.slice(at, at + said.size), said) < 0.7


def test_with_headphones_it_gets_the_microphone_as_it_is() -> None:
    far = np.float32(0.5) * spoken("the capital of France is Paris, where about two million people live")
    near = np.random.default_rng(1).standard_normal(far.size, np.float32) * np.float32(0.01)
    ears = heard_while(far, near, "auto")
    end = near.size // BLOCK * BLOCK
    assert np.array_equal(ears.said(end - SAMPLE_RATE, end), near[end - SAMPLE_RATE : end])


def test_headphones_that_are_taken_off_in_a_reply_are_noticed_by_its_words() -> None:
    far = np.float32(0.5) * spoken("the capital of France is Paris, where about two million people live")
    room = np.random.default_rng(1).standard_normal(far.size, np.float32) * np.float32(0.001)
    begin, end = 3 * SAMPLE_RATE, 3 * SAMPLE_RATE + 4800
    room[begin:end] += EchoPath(rt60=0.05).apply(far, SAMPLE_RATE)[begin:end]
    far[end:] = 0.0
    echo = AutoEcho()
    # Held as it is at the second in which knik hears itself.
    ears = Ears(make_vad, Endpointer(EndpointerConfig()), lambda: echo)
    ears.load()
    let_hear(ears, far[: begin + 1600], room[: begin + 1600])
    assert not echo.exists
    let_hear(ears, far, room, begin + 1600)
    assert ears.said(begin - 4800, end + 1600).size == 0
    assert echo.exists
