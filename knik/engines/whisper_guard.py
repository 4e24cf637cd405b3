"""Tells what Whisper heard from what it invented."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

NO_SPEECH = "no speech"
LOW_PROBABILITY = "low probability"

_WORD = re.compile(r"\w+")

Check = Callable[[str], str]
"""Why a text is an invention, such as "repetition"; empty when it is none."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What Whisper made of one window of sound.

    Attributes:
        text: The words.
        no_speech: Probability that nothing was said, 0 to 1.
        logprob: Mean log-probability of the text's tokens, the end token counted in.
        language: ISO 639-1 code.
    """

    text: str
    no_speech: float
    logprob: float
    language: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What a hypothesis has to pass. The defaults of the thresholds are openai/whisper's.

    Attributes:
        no_speech: Above this probability of silence, text that Whisper is unsure of is thrown away.
        logprob: Below this mean log-probability Whisper is unsure of any text.
        confident: Above this mean log-probability text stands, however likely the silence.
        check: Looks at the text itself.
    """

    no_speech: float = 0.6
    logprob: float = -1.0
    confident: float = -0.5
    check: Check | None = None

    def objection(self, heard: Hypothesis) -> str:
        """Why the hypothesis is thrown away, or an empty string.

        Whisper's own rule throws silence away only when the text is unlikely too. Fluent inventions
        ("Thank you for watching") pass it, so here likely silence asks for text that is likely, not
        just for text that is not unlikely.
        """
        if not heard.text:
            return NO_SPEECH
        if heard.no_speech > self.no_speech and heard.logprob < self.confident:
            return NO_SPEECH
        if heard.logprob < self.logprob:
            return LOW_PROBABILITY
        return self.check(heard.text) if self.check else ""


def only_repeats(text: str, recent: str) -> bool:
    """Whether the words of `text` are, in this order and without a gap, words of `recent`.

    A decoder that was given recent words may write them again where nothing was said.
    """
    words = _WORD.findall(text.casefold())
    before = _WORD.findall(recent.casefold())
    return any(before[i : i + len(words)] == words for i in range(len(before) - len(words) + 1))


def mean_logprob(score: float, tokens: int) -> float:
    """Mean log-probability from ctranslate2's score, the mean over the text's tokens.

    As in openai/whisper, the end token is counted in, which ctranslate2 leaves out of the count but
    not out of the sum.
    """
    return score * tokens / (tokens + 1) if tokens else -math.inf
