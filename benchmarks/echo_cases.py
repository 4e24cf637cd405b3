"""What an echo canceller is put through, and how well it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.cancellers import Canceller
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.vad import make_vad
from knik.audio.wavfile import read_audio
from knik.bench.levels import ACTIVE_DB, active_rms
from tests.rig.room.echo_path import EchoPath

SPEECH = Path(__file__).parents[1] / "tests" / "data" / "speech"

LEVEL = 0.05
"""Active level of the speaker's samples: -26 dBFS, what speech is usually recorded at (ITU-T P.56)."""

CONVERGED = 10.0
"""Seconds of echo before anything is measured."""

JUMP_AT, JUMP_BACK = 20.0, 3.0
"""When the path gets longer, and the seconds that are given to find it again."""

LOST_DB = 10.0
"""A moment of the near end that comes through so much weaker is lost."""


@cache
def far_end() -> Samples:
    """Forty-nine seconds of a reader, as the assistant's voice."""
    read = [read_audio(path) for path in sorted(SPEECH.glob("librivox/*.wav"))]
    voice = np.concatenate(read * 2)
    return voice * np.float32(LEVEL / active_rms(voice, SAMPLE_RATE))


@cache
def near_end() -> Samples:
    """Another voice with short commands, half a second apart, its active level 1."""
    gap = np.zeros(SAMPLE_RATE // 2, np.float32)
    said = np.concatenate([part for p in sorted(SPEECH.glob("cards/*.wav")) for part in (read_audio(p), gap)])
    return said / np.float32(active_rms(said, SAMPLE_RATE))


def through(canceller: Canceller, microphone: Samples, far: Samples) -> Samples:
    """The whole recording, frame by frame."""
    out = np.zeros_like(microphone)
    for start in range(0, microphone.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        end = start + FRAME_SAMPLES
        out[start:end] = canceller(microphone[start:end], far[start:end])
    return out


@dataclass(frozen=True, slots=True)
class EchoCase:
    """An echo without anybody else.

    Attributes:
        path: From the speaker to the microphone.
        jump: Seconds by which the path gets longer at `JUMP_AT`.
    """

    path: EchoPath
    jump: float = 0.0

    def erle(self, canceller: Canceller) -> float:
        """Echo return loss enhancement in dB, from `CONVERGED` on, or after the jump and `JUMP_BACK`."""
        far = far_end()
        microphone = self.path.apply(far, SAMPLE_RATE)
        since = CONVERGED
        if self.jump:
            cut = round(JUMP_AT * SAMPLE_RATE)
            late = np.concatenate([np.zeros(round(self.jump * SAMPLE_RATE), np.float32), microphone])
            microphone = np.concatenate([microphone[:cut], late[cut : microphone.size]])
            since = JUMP_AT + JUMP_BACK
        rest = slice(round(since * SAMPLE_RATE), None)
        return _db(microphone[rest]) - _db(through(canceller, microphone, far)[rest])


CASES: Mapping[str, EchoCase] = {
    "10 ms": EchoCase(EchoPath(delay=0.01)),
    "60 ms": EchoCase(EchoPath(delay=0.06)),
    "120 ms": EchoCase(EchoPath(delay=0.12)),
    "200 ms": EchoCase(EchoPath(delay=0.2)),
    "300 ms": EchoCase(EchoPath(delay=0.3)),
    "loud": EchoCase(EchoPath(gain_db=6.0, distortion=1.0)),
    "+100 ppm": EchoCase(EchoPath(drift_ppm=100.0)),
    "-100 ppm": EchoCase(EchoPath(drift_ppm=-100.0)),
    "jump": EchoCase(EchoPath(), jump=0.1),
}


@dataclass(frozen=True, slots=True)
class DoubleTalk:
    """What came through of somebody who talks over the assistant.

    Attributes:
        level_db: Of the near end in what came out, against what it was.
        si_sdr_db: Scale-invariant signal-to-distortion ratio of what came out (Le Roux et al., "SDR -
            half-baked or well done?", 2019).
        before_db: The same of the microphone.
        lost: Share of the moments of speech that came through more than `LOST_DB` weaker.
        found: Share of the 10 ms that knik's voice detector takes for speech in the near end alone which it
            still does.
        false: Share of the 10 ms of echo before it that it takes for speech, once the canceller knows the
            room.
    """

    level_db: float
    si_sdr_db: float
    before_db: float
    lost: float
    found: float
    false: float


def double_talk(canceller: Canceller, ratio_db: float) -> DoubleTalk:
    """Talk over an assistant, `ratio_db` louder than its echo, once the canceller knows the room."""
    far = far_end()
    echo = EchoPath(delay=0.06).apply(far, SAMPLE_RATE)
    start = 2 * round(CONVERGED * SAMPLE_RATE)
    said = near_end() * np.float32(active_rms(echo, SAMPLE_RATE) * 10 ** (ratio_db / 20))
    near = np.zeros_like(echo)
    near[start : start + said.size] = said
    out = through(canceller, echo + near, far)
    part = slice(start, start + said.size)
    clean = _aligned(out, said, start)
    gain = float(np.dot(clean, said) / np.dot(said, said))
    return DoubleTalk(
        20 * float(np.log10(max(1e-6, abs(gain)))),
        si_sdr(clean, said),
        si_sdr((echo + near)[part], said),
        _lost(clean, said),
        *_detected(out, near, start),
    )


def _detected(out: Samples, near: Samples, start: int) -> tuple[float, float]:
    heard, true = speech_frames(out), speech_frames(near)
    first = start // FRAME_SAMPLES
    echo = slice(round(CONVERGED * SAMPLE_RATE) // FRAME_SAMPLES, first)
    return float(np.mean(heard[true])), float(np.mean(heard[echo]))


def speech_frames(sound: Samples) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which 10 ms knik's voice detector takes for speech."""
    vad = make_vad()
    starts = range(0, sound.size - FRAME_SAMPLES + 1, FRAME_SAMPLES)
    return np.array([vad.probability(sound[start : start + FRAME_SAMPLES]) > 0.5 for start in starts])


def si_sdr(heard: Samples, true: Samples) -> float:
    """Scale-invariant signal-to-distortion ratio in dB."""
    target = true * (np.dot(heard, true) / np.dot(true, true))
    return _db(target) - _db(heard - target)


def _aligned(out: Samples, said: Samples, start: int) -> Samples:
    """The part of `out` that fits `said` best, up to 60 ms late."""
    lags = range(0, round(0.06 * SAMPLE_RATE))
    longest = out[start : start + said.size + lags[-1]]
    scores = np.correlate(longest, said, mode="valid")
    lag = int(np.argmax(np.abs(scores)))
    return out[start + lag : start + lag + said.size]


def _lost(heard: Samples, true: Samples) -> float:
    """Share of the active 20 ms of `true` that are more than `LOST_DB` weaker in `heard`."""
    step = 2 * FRAME_SAMPLES
    size = true.size // step * step
    was = np.mean(np.square(true[:size].reshape(-1, step)), axis=1)
    now = np.mean(np.square(heard[:size].reshape(-1, step)), axis=1)
    active = was > was.max() * 10 ** ((ACTIVE_DB + 10) / 10)
    return float(np.mean(now[active] < was[active] * 10 ** (-LOST_DB / 10)))


def _db(samples: Samples) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-12))
