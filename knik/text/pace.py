"""How long clauses may be where synthesis takes its time."""

import math
from dataclasses import dataclass

FIRST_SECONDS = 0.8
"""Synthesis that the first clause may take. Where ten words fit into it, nothing is cut any shorter."""

FEWEST_WORDS, MOST_WORDS = 4, 10
"""Of a first clause that ends without punctuation; shorter ones would no longer sound like speech."""

SAFETY = 0.7
"""Share of the sound that is ahead in which the next clause should be ready: it has to be written before
it is synthesised, by a model that computes on the same cores."""

FADE = 0.7
"""What a clause counts once the next one has been spoken."""

NEGLIGIBLE = 0.01
"""Seconds: what takes no longer was no work, but came out of a cache or from a voice without a model."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What speaking has taken so far, later clauses counting more; `Pace()` knows nothing yet.

    Attributes:
        words: Written words.
        work: Seconds until they had their first sound.
        sound: Seconds of their sound.
    """

    words: float = 0.0
    work: float = 0.0
    sound: float = 0.0

    def spoke(self, words: int, work: float, sound: float) -> "Pace":
        """A clause of so many words had its first sound after `work` seconds, and lasts `sound` seconds."""
        if not words or not sound or work < NEGLIGIBLE:
            return self
        return Pace(FADE * self.words + words, FADE * self.work + work, FADE * self.sound + sound)

    @property
    def first_words(self) -> int:
        """Words after which the first clause is cut even without punctuation."""
        if not self.work:
            return MOST_WORDS
        return min(MOST_WORDS, max(FEWEST_WORDS, round(FIRST_SECONDS * self.words / self.work)))

    def next_words(self, first: int, given: int) -> float:
        """Words of the next clause that can be ready before the clauses before it have been heard.

        Synthesis does one clause after another, and begins with the second when the first one begins to
        sound. So the words from the second clause to the next one have the time in which all clauses
        before the next one are heard.

        Args:
            first: Words of the first clause.
            given: Words of all clauses so far.
        """
        if not self.work:
            return math.inf
        most = SAFETY * given * self.sound / self.work - (given - first)
        return max(FEWEST_WORDS, math.floor(most))
