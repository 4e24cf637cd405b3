"""What is said in the benchmarks of whole turns: people's recordings, and replies of natural length."""

from dataclasses import dataclass

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from tests.rig.voices import recorded, silence, spoken

RECORDINGS = ("cards/001", "cards/002", "cards/003", "cards/004", "cards/005")

PAUSE = 0.15
"""Seconds of silence that part two phrases of a recording."""

QUESTIONS = (
    "What is the capital of France?",
    "How far is it to the moon?",
    "Can you tell me how long an egg has to boil?",
    "What should I wear today?",
    "Who wrote the play about the prince of Denmark?",
)
"""What the full-size dummies are made to hear in the recordings; finished questions of their length."""

REPLIES = (
    "The capital of France is Paris, on the river Seine. About two million people live there.",
    "The moon is about three hundred and eighty thousand kilometres away. Light takes a second.",
    "For a soft egg I would say six minutes. For a hard one let it boil for ten.",
    "It is cold outside today and there may be rain. Take a warm coat with you.",
    "That was William Shakespeare, who wrote it around sixteen hundred. It is called Hamlet.",
)
"""What the full-size dummies are made to answer: two sentences, as the system prompt asks for."""

LONG_REPLY = " ".join(REPLIES)

LEAD = 2.0
"""Seconds before the first utterance, in which prompts are prefilled."""

ROOM = np.float32(0.005)
"""RMS (-46 dBFS) of the noise of the room."""

WORDS_PER_SECOND = 2.2


@dataclass(frozen=True, slots=True)
class Line:
    """One turn: what is said, what it means and what is answered."""

    audio: Samples
    text: str
    reply: str


def recorded_lines(turns: int, *, reply: str = "") -> list[Line]:
    """So many turns with people's voices, in which every reply is `reply` if one is given."""
    return [
        Line(last_phrase(recorded(RECORDINGS[i % 5])[0]), QUESTIONS[i % 5], reply or REPLIES[i % 5])
        for i in range(turns)
    ]


def last_phrase(samples: Samples) -> Samples:
    """What is said after the last pause: lists of cards have some in which one would answer."""
    step = SAMPLE_RATE // 100
    levels = np.sqrt(np.mean(np.square(samples[: samples.size // step * step].reshape(-1, step)), axis=1))
    loud = np.flatnonzero(levels > 0.1 * levels.max())
    pauses = np.flatnonzero(np.diff(loud) > 100 * PAUSE)
    return samples[(loud[pauses[-1]] + loud[pauses[-1] + 1]) // 2 * step :] if pauses.size else samples


def micro_lines(turns: int) -> list[Line]:
    """So many turns with utterances that the micro models know."""
    from tests.rig.micro.phrases import PHRASES

    known = {phrase.utterance: phrase.answer for phrase in PHRASES}
    asked = (
        "What is the capital of France?",
        "How far is the moon?",
        "What is seven times eight?",
        "Who are you?",
    )
    return [Line(spoken(text, "en-us+f2"), text, known[text]) for text in (asked * turns)[:turns]]


def conversation(lines: list[Line], pause: float = 3.0) -> tuple[Samples, list[float]]:
    """The microphone's sound of all turns at 16 kHz, with time for every answer and `pause` seconds more,
    and the second at which each begins."""
    parts = [silence(LEAD)]
    starts = []
    for line in lines:
        starts.append(sum(seconds(part) for part in parts))
        parts += [line.audio, silence(pause + len(line.reply.split()) / WORDS_PER_SECOND)]
    sound = np.concatenate(parts)
    # The recordings have this background; were it to end with them, it would be taken for speech.
    room = np.random.default_rng(1).standard_normal(sound.size, np.float32)
    return sound + ROOM * room, starts


def seconds(samples: Samples) -> float:
    """Length of 16 kHz samples."""
    return samples.size / SAMPLE_RATE
