"""What noise suppression and gain control do for the ears: words misheard, speech missed, noise believed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.echo_cases import SPEECH, speech_frames
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.processing import WebrtcModule, process_all
from knik.audio.wavfile import read_audio
from knik.bench.levels import at_snr
from knik.bench.noise import NOISES
from knik.bench.scoring import Counts, score
from knik.cancel import CancelToken
from knik.engines.protocols import Transcriber
from knik.text.transcripts import clean_transcript

LEAD, TAIL = 2 * SAMPLE_RATE, SAMPLE_RATE
"""Samples of noise alone before and after the speech."""

EDGE = round(0.3 * SAMPLE_RATE)
"""Of them what the transcriber hears, too, as it does in a conversation."""

SETTLED = 50
"""Frames of noise that suppressor and detector get before they are judged."""

MICROPHONE_NOISE = 3e-4
"""Standard deviation: -70 dBFS, a quiet room."""

VARIANTS: Mapping[str, Mapping[str, bool] | None] = {
    "as it is": None,
    "noise suppression": {"noise_suppression": True, "high_pass_filter": True},
    "gain control": {"auto_gain_control": True, "high_pass_filter": True},
    "both": {"noise_suppression": True, "auto_gain_control": True, "high_pass_filter": True},
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Noise (one of `NOISES`, or ""), its distance from the speech in dB, and the gain of it all in dB."""

    noise: str = ""
    snr_db: float = 0.0
    gain_db: float = 0.0

    @property
    def label(self) -> str:
        """For a table."""
        noise = f"{self.noise}, {self.snr_db:g} dB" if self.noise else "quiet room"
        return f"{noise}, {-self.gain_db:g} dB too faint" if self.gain_db else noise


PLACES: Sequence[Surroundings] = (
    Surroundings(),
    Surroundings("fan", 10),
    Surroundings("fan", 0),
    Surroundings("babble", 10),
    Surroundings("keyboard", 5),
    Surroundings("music", 10),
    Surroundings(gain_db=-25),
    Surroundings(gain_db=-40),
)


@dataclass(frozen=True, slots=True)
class Heard:
    """How well the ears did.

    Attributes:
        words: Right, wrong, missed, invented.
        missed: Share of the 10 ms of speech, as the detector finds it in the clean recording, that it
            misses.
        false: Share of the 10 ms of noise alone that it takes for speech.
    """

    words: Counts
    missed: float
    false: float


def hear(place: Surroundings, variant: Mapping[str, bool] | None, engine: Transcriber) -> Heard:
    """All recordings in one place."""
    words, missed, false, speech, quiet = Counts(), 0, 0, 0, 0
    for path in sorted(SPEECH.glob("*/*.wav")):
        audio, truth = _clean(path)
        sound = _placed(audio, place)
        if variant is not None:
            sound = process_all(WebrtcModule(**variant), sound)
        found = speech_frames(sound)
        alone = slice(SETTLED, (LEAD - EDGE) // FRAME_SAMPLES)
        missed += int(np.sum(truth & ~found))
        speech += int(np.sum(truth))
        false += int(np.sum(found[alone]))
        quiet += found[alone].size
        said = engine.transcribe(sound[LEAD - EDGE : EDGE - TAIL], CancelToken()).text
        words += score(path.with_suffix(".txt").read_text("utf-8"), clean_transcript(said), "en").words
    return Heard(words, missed / speech, false / quiet)


@cache
def _clean(path: Path) -> tuple[Samples, "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    audio = np.concatenate([np.zeros(LEAD, np.float32), read_audio(path), np.zeros(TAIL, np.float32)])
    return audio, speech_frames(audio)


def _placed(audio: Samples, place: Surroundings) -> Samples:
    hiss = np.random.default_rng(1).standard_normal(audio.size).astype(np.float32) * MICROPHONE_NOISE
    if place.noise:
        noise = NOISES[place.noise](audio.size / SAMPLE_RATE, SAMPLE_RATE, audio.size)
        hiss = at_snr(np.resize(noise, audio.size), audio, place.snr_db, SAMPLE_RATE)
    return np.asarray((audio + hiss) * np.float32(10 ** (place.gain_db / 20)), np.float32)
