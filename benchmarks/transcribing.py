"""What a transcriber writes for the words up to a pause."""

import random
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Spelling: TypeAlias = Callable[[Sequence[str], bool, random.Random], str]
"""Takes the parts said so far and whether more will come."""

ERRORS = 0.1
"""Share of words that are heard wrong: about Whisper base.en's rate on other than clean speech."""

CUT_OFF = 0.3
"""Share of pauses at which the last word is heard wrong, too: what comes after it would have told."""

WRONG = "the in a to it and is one for you her some no that see".split()
"""What the wrong words become."""

_MARKS = re.compile(r"[^\w\s']+")


def bare(parts: Sequence[str], more: bool, rng: random.Random) -> str:  # noqa: ARG001
    """The true words, without marks and capitals, as PocketSphinx writes."""
    return " ".join(_MARKS.sub(" ", " ".join(parts)).casefold().split())


def written(parts: Sequence[str], more: bool, rng: random.Random) -> str:  # noqa: ARG001
    """The true words with their marks, but at a pause always a full stop, as Whisper closes what it believes
    to be a whole sound."""
    said = " ".join(parts)
    return said.rstrip(" ,;:") + "." if more else said


def misheard(parts: Sequence[str], more: bool, rng: random.Random) -> str:
    """As `bare`, with wrong words."""
    words = bare(parts, more, rng).split()
    heard = [rng.choice(WRONG) if rng.random() < ERRORS else word for word in words]
    if more and rng.random() < CUT_OFF:
        heard[-1] = rng.choice(WRONG)
    return " ".join(heard)


TRUE_WORDS = "true words"
SPELLINGS: dict[str, Spelling] = {TRUE_WORDS: bare, "true words, punctuated": written, "misheard": misheard}
