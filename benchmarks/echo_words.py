"""How much a transcriber understands of somebody who talks over the assistant."""

from collections.abc import Mapping

import jiwer
import numpy as np

from benchmarks.interruptions import VOICES
from benchmarks.overtalk import SENTENCES
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.config.load import load
from knik.engines.protocols import Transcriber
from knik.session.ears import Ears
from knik.session.setup import make_ears
from tests.rig.room.echo_path import EchoPath
from tests.rig.room.scene import Said, speak

TEXTS = (
    "what time is it", "tell me a joke", "stop", "who are you", "repeat that", "set a timer for five minutes",
    "what can you do", "what is your name",
)  # fmt: skip
PATHS: Mapping[str, EchoPath] = {
    "12 dB fainter": EchoPath(),
    "as loud": EchoPath(gain_db=0.0),
    "as loud, from a cheap loudspeaker": EchoPath(gain_db=0.0, distortion=1.0),
}
LEVEL = np.float32(0.2)
"""Peak of whoever talks; the assistant's is 0.5."""

ALONE = (1.5, 4.0, 8.0)
"""Seconds in which the assistant has talked by then, in turns."""

HELD_AFTER = 0.2
FADE = 0.05
"""Seconds after which the assistant is held, and in which it dies away."""

AROUND = 0.25
"""Seconds before and after the words that are transcribed with them."""

AHEAD = 0.06
"""Seconds that the speaker's blocks are handed over before they sound."""


def assistant(number: int, seconds: float) -> Samples:
    """The assistant's voice, from another place each time."""
    voice = np.concatenate([speak(Said(text, 0.0, "en-us", 1.0))[0] for text in SENTENCES])
    voice *= np.float32(0.5 / np.max(np.abs(voice)))
    return np.roll(voice, -3 * SAMPLE_RATE * number)[: round(seconds * SAMPLE_RATE)].copy()


def talk_over(path: EchoPath, number: int) -> tuple[str, dict[str, Samples]]:
    """Somebody's words, and what there is of them to transcribe."""
    text = TEXTS[number % len(TEXTS)]
    said = LEVEL * speak(Said(text, 0.0, VOICES[number % len(VOICES)]))[0]
    alone = ALONE[number % len(ALONE)]
    begin = round(alone * SAMPLE_RATE)
    far = assistant(number, alone + said.size / SAMPLE_RATE + 1.0)
    held = begin + round(HELD_AFTER * SAMPLE_RATE)
    fade = round(FADE * SAMPLE_RATE)
    far[held : held + fade] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    far[held + fade :] = 0.0
    near = 1e-3 * np.random.default_rng(number).standard_normal(far.size, np.float32)
    near[begin : begin + said.size] += said
    microphone = path.apply(far, SAMPLE_RATE) + near
    ears = heard(far, microphone, held)
    around = round(AROUND * SAMPLE_RATE)
    start, end = begin - around, begin + said.size + around
    return text, {
        "the canceller's output": ears.history.slice(start, end),
        "the bare microphone": microphone[start:end],
        "knik": ears.said(start, end),
        "without an assistant": near[start:end],
    }


def heard(far: Samples, microphone: Samples, held: int) -> Ears:
    """knik's ears after all that; the voice is held at sample `held`."""
    ears = make_ears(load(None, {}, {"audio.echo": "on"}).config, echo=True)
    ears.load()
    for start in range(0, far.size - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        end, at = start + FRAME_SAMPLES, start / SAMPLE_RATE + AHEAD
        ears.played(far[start:end], SAMPLE_RATE, at)
        ears.capture(microphone[start:end], SAMPLE_RATE, at, False)
        ears.listen()
        if start <= held < end:
            ears.hurry()
    return ears


def words(ear: Transcriber, count: int) -> list[dict[str, str]]:
    """Word error rates, and utterances that were understood to the word."""
    table = []
    for name, path in PATHS.items():
        texts: list[str] = []
        understood: dict[str, list[str]] = {}
        for number in range(count):
            text, versions = talk_over(path, number)
            texts.append(text)
            for version, sound in versions.items():
                found = ear.transcribe(sound, CancelToken()).text or "-"
                understood.setdefault(version, []).append(found)
        row = {"echo": name}
        for version, found in understood.items():
            right = sum(a == b for a, b in zip(texts, found, strict=True))
            row[version] = f"{100 * jiwer.wer(texts, found):.0f} % WER, {right} of {count} right"
        table.append(row)
    return table
