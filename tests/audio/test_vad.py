"""Voice activity detection, with the real detectors on real speech."""

from typing import Literal, get_args

import numpy as np
import pytest

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.vad import GATE_HOLD, SILERO_STEP, GatedVad, SileroVad, Vad, WebrtcVad, make_vad
from tests.rig.voices import recorded, silence

Engine = Literal["auto", "silero", "webrtc"]
ENGINES = get_args(Engine)
RECORDINGS = ["cards/001", "cards/003", "librivox/0870", "librivox/0930"]


def judge(vad: Vad, sound: Samples) -> np.ndarray:
    frames = sound[: sound.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return np.array([vad.probability(frame) for frame in frames])


def noise(level: float, seconds: float = 3.0) -> Samples:
    random = np.random.default_rng(0)
    return (random.standard_normal(round(seconds * SAMPLE_RATE)) * level).astype(np.float32)


def hum(seconds: float = 3.0) -> Samples:
    n = np.arange(round(seconds * SAMPLE_RATE))
    return (0.1 * np.sin(2 * np.pi * 50 * n / SAMPLE_RATE)).astype(np.float32)


def loud_frames(sound: Samples) -> np.ndarray:
    """Frames within 20 dB of the loudest, which in a clean recording are speech."""
    frames = sound[: sound.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    power = np.mean(np.square(frames), axis=1)
    loud: np.ndarray = power > power.max() / 100
    return loud


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", RECORDINGS)
def test_people_are_heard(engine: Engine, name: str) -> None:
    sound, _ = recorded(name)
    voiced = judge(make_vad(engine), sound) >= 0.5
    assert np.mean(voiced[loud_frames(sound)]) > 0.8


@pytest.mark.parametrize("engine", ENGINES)
def test_silence_is_none(engine: Engine) -> None:
    assert np.max(judge(make_vad(engine), silence(3))) < 0.05


@pytest.mark.parametrize("engine", ["auto", "silero"])
@pytest.mark.parametrize(
    "sound", [noise(0.001), noise(0.01), noise(0.1), hum()], ids=["-60 dB", "-40 dB", "-20 dB", "hum"]
)
def test_noise_is_none(engine: Engine, sound: Samples) -> None:
    assert np.max(judge(make_vad(engine), sound)) < 0.35


def test_after_speech_silence_is_none_again() -> None:
    voice, _ = recorded("librivox/0930")
    for engine in ENGINES:
        judged = judge(make_vad(engine), np.concatenate([voice, silence(1)]))
        assert not np.any(judged[-50:] >= 0.35)


def test_samples_beyond_full_scale_are_clipped() -> None:
    # A whistle whose int16 samples wrap around crackles, which passes for speech.
    whistle = 1.02 * np.sin(2 * np.pi * 1_000 * np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE)
    assert np.mean(judge(WebrtcVad(3), whistle.astype(np.float32))) < 0.1


@pytest.mark.parametrize("name", RECORDINGS)
def test_silero_judges_step_by_step_as_faster_whisper_judges_the_whole(name: str) -> None:
    from faster_whisper.vad import get_vad_model

    voice, _ = recorded(name)
    voice = voice[: voice.size // SILERO_STEP * SILERO_STEP]
    steps = voice.size // SILERO_STEP
    wanted = get_vad_model()(voice.copy()).reshape(-1)
    judged = judge(SileroVad(), voice)
    # The frame in which a step ends is the first to get its judgement.
    ends = [-(-step * SILERO_STEP // FRAME_SAMPLES) - 1 for step in range(1, steps)]
    assert np.allclose(judged[ends], wanted[: steps - 1], atol=1e-4)


def test_silero_judges_every_whole_step_once() -> None:
    silero = SileroVad()
    judge(silero, silence(3.2))
    assert silero.runs == 3.2 * SAMPLE_RATE // SILERO_STEP


def test_a_closed_gate_costs_no_network_runs() -> None:
    silero = SileroVad()
    judge(GatedVad(WebrtcVad(1), silero), np.concatenate([silence(20), noise(0.0001, 20)]))
    assert silero.runs == 0


@pytest.mark.parametrize("name", RECORDINGS)
def test_the_gate_makes_speech_neither_shorter_nor_much_later(name: str) -> None:
    voice, _ = recorded(name)
    sound = np.concatenate([silence(2), voice, silence(1)])
    gated, plain = (np.flatnonzero(judge(make_vad(e), sound) >= 0.5) for e in ("auto", "silero"))
    assert gated[0] - plain[0] <= 12
    assert abs(gated[-1] - plain[-1]) <= 6
    assert gated.size > 0.9 * plain.size


class Scripted:
    """Says of each frame what its first sample holds, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[float] = []

    def probability(self, frame: Samples) -> float:
        self.shown.append(float(frame[1]))
        return float(frame[0])


def test_when_the_gate_opens_the_decision_hears_what_it_missed_first() -> None:
    decision = Scripted()
    vad = GatedVad(Scripted(), decision, hold=5)
    for number in range(20):
        frame = np.full(FRAME_SAMPLES, 0.1, np.float32)
        frame[0], frame[1] = float(number == 12), number
        vad.probability(frame)
    # The five before the voiced one, it, and the four of the hold; in order, none twice.
    assert decision.shown == list(range(7, 17))


def test_the_gate_stays_open_through_the_pauses_of_a_sentence() -> None:
    assert GATE_HOLD * 0.01 >= 0.5
