"""What words over the assistant mean: that the user wants the floor, or merely listens."""

import re
from typing import Literal, TypeAlias

Meaning: TypeAlias = Literal["nothing", "backchannel", "interruption"]

COMMANDS = frozenset("stop wait no nope quiet silence enough pause halt cancel hush hold hang shut".split())
"""One of these words in an utterance always takes the floor."""

SOUNDS = re.compile(
    r"m+h*m*|m+[- ]?h+m+|h+m+|u+[hm]+|u+h+[- ]?h*u+h+|a+h+a*|o+h+|e+h+|er+m*|ha+|ya+h*|yea+h*|yep|yup|huh|wow"
)
"""Sounds that transcribers spell in many ways: mm-hm, hmm, uh-huh, aha, yeah."""

PHRASES = (
    "i see", "i know", "i understand", "got it", "go on", "go ahead", "all right", "that's right",
    "that is right", "of course", "makes sense", "fair enough", "no problem", "oh really",
    "right", "okay", "ok", "kay", "yes", "sure", "alright", "true", "exactly", "indeed", "absolutely",
    "good", "great", "cool", "nice", "fine", "interesting", "really", "perfect", "wonderful",
)  # fmt: skip
"""What people say to show that they follow (Yngve, 1970, called it the back channel)."""

_WORD = re.compile(r"[\w'’-]+")
_PHRASES = tuple(tuple(phrase.split()) for phrase in sorted(PHRASES, key=len, reverse=True))


def meaning(text: str, min_words: int = 1) -> Meaning:
    """What the user means by saying `text` while the assistant speaks.

    Args:
        text: What was heard so far; empty for a cough.
        min_words: Words beyond backchannels from which on it is an interruption. Words such as "stop"
            always are one.
    """
    words = [word.strip("-'") for word in _WORD.findall(text.casefold().replace("’", "'"))]
    words = [word for word in words if word]
    if not words:
        return "nothing"
    rest = _without_backchannels(words)
    if not COMMANDS.isdisjoint(rest) or len(rest) >= max(1, min_words):
        return "interruption"
    return "backchannel"


def _without_backchannels(words: list[str]) -> list[str]:
    rest: list[str] = []
    at = 0
    while at < len(words):
        taken = _backchannel_at(words, at)
        if not taken:
            rest.append(words[at])
        at += taken or 1
    return rest


def _backchannel_at(words: list[str], at: int) -> int:
    """How many words from `at` on are a backchannel."""
    for phrase in _PHRASES:
        if tuple(words[at : at + len(phrase)]) == phrase:
            return len(phrase)
    return int(SOUNDS.fullmatch(words[at]) is not None)
