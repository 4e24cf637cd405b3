"""What happens over the assistant's voice, at known times: interruptions, backchannels, bangs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.bench.levels import at_snr
from knik.bench.noise import NOISES
from tests.rig.room.bangs import BANGS
from tests.rig.room.scene import Said, speak

LEAD = 4.0
"""Seconds before the first event; the canceller then knows the room."""

LEVEL = np.float32(0.3)
"""Peak of whoever speaks, and of a clap at arm's length."""

INTERRUPTIONS = (
    "Stop.", "Wait.", "No.", "What time is it?", "Who are you?", "How far is the moon?", "That is wrong.",
    "Tell me a joke.", "Are you sure?", "What is your name?",
)  # fmt: skip
BACKCHANNELS = ("Yes.",)
"""The one that the micro Whisper knows."""

VOICES = ("en-us+f2", "en-us+m3", "en-gb+f4", "en-gb+m5", "en-us+f3", "en-us+m1", "en-gb+f2")
TOP_DB = 20.0
PERIODIC = 0.6


@dataclass(frozen=True, slots=True)
class Script:
    """Sound and truth.

    Attributes:
        near: What is in the air beside the assistant, 16 kHz.
        at: First voiced sample of each event, or its first sample where it is no voice, in seconds.
        ends: End of each event's sound, in seconds.
    """

    near: Samples
    at: tuple[float, ...]
    ends: tuple[float, ...]


def interruptions(count: int, gap: float, snr_db: float, noise: str = "fan") -> Script:
    """So many people, each of whom says something else."""
    return _script(lambda n: _said(INTERRUPTIONS, n), first_voiced, count, gap, snr_db, noise)


def backchannels(count: int, gap: float, snr_db: float, noise: str = "fan") -> Script:
    """So many signs of attention."""
    return _script(lambda n: _said(BACKCHANNELS, n), first_voiced, count, gap, snr_db, noise)


def bangs(count: int, gap: float, snr_db: float, noise: str = "fan") -> Script:
    """Coughs, claps, keystrokes and door slams in turns."""
    kinds = list(BANGS.values())
    return _script(lambda n: kinds[n % len(kinds)](SAMPLE_RATE, n), lambda _: 0.0, count, gap, snr_db, noise)


def nothing(seconds: float, snr_db: float, noise: str = "fan") -> Script:
    """Nobody else: the room's noise, as much below a talker of the usual level."""
    talker = _said(INTERRUPTIONS, 3)
    size = round(seconds * SAMPLE_RATE)
    return Script(at_snr(NOISES[noise](seconds, SAMPLE_RATE, 1)[:size], talker, snr_db, SAMPLE_RATE), (), ())


def first_voiced(speech: Samples) -> float:
    """When the voice sets in: the first 10 ms that are periodic and within 20 dB of the loudest, in seconds.

    Periodic is what repeats itself, within 30 ms, at a distance between 2.5 and 14 ms (70 to 400 Hz) with
    a correlation of 0.6: an "s" or an "h" before the vowel does not count.
    """
    step = SAMPLE_RATE // 100
    padded = np.pad(speech, (step, 3 * step)).astype(np.float64)
    frames = speech[: speech.size // step * step].reshape(-1, step)
    levels = np.sqrt(np.mean(np.square(frames), axis=1))
    for index in np.flatnonzero(levels > levels.max() * 10 ** (-TOP_DB / 20)):
        if _periodicity(padded[index * step : (index + 3) * step]) > PERIODIC:
            return float(index) / 100
    return 0.0


def _periodicity(window: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    centred = window - window.mean()
    best = 0.0
    for lag in range(SAMPLE_RATE // 400, SAMPLE_RATE // 70):
        early, late = centred[:-lag], centred[lag:]
        power = float(np.sqrt(np.dot(early, early) * np.dot(late, late)))
        best = max(best, float(np.dot(early, late)) / max(power, 1e-12))
    return best


def _said(texts: Sequence[str], number: int) -> Samples:
    # Seven voices and ten texts: every pair comes once in seventy.
    text, voice = texts[number % len(texts)], VOICES[number % len(VOICES)]
    return speak(Said(text, 0.0, voice))[0] * LEVEL


def _script(
    sound: Callable[[int], Samples],
    onset: Callable[[Samples], float],
    count: int,
    gap: float,
    snr_db: float,
    noise: str,
) -> Script:
    seconds = LEAD + gap * count
    near = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    at, ends = [], []
    for number in range(count):
        # Not always at the same place of a frame, nor of a sentence.
        begin = LEAD + gap * number + 0.0137 * (number % 50)
        samples = sound(number)
        start = round(begin * SAMPLE_RATE)
        part = samples[: near.size - start]
        near[start : start + part.size] += part
        at.append(begin + onset(samples))
        ends.append(begin + samples.size / SAMPLE_RATE)
    talker = _said(INTERRUPTIONS, 3)
    background = at_snr(NOISES[noise](seconds, SAMPLE_RATE, 1)[: near.size], talker, snr_db, SAMPLE_RATE)
    return Script(near + background, tuple(at), tuple(ends))
