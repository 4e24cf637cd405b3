"""How long clauses may be where synthesis takes its time."""

import math
from dataclasses import dataclass

FIRST_SECONDS = 0.6
"""Synthesis that the first clause may take."""

FEWEST = 20
"""Characters that any clause may have, three or four words: what is shorter no longer sounds like speech."""

LEAD = 0.3
"""Seconds in which the second clause is written, before its synthesis can begin."""

SAFETY = 0.7
"""Share of the sound that is ahead in which the next clause should be ready: while it is synthesised, the
chat model writes on the same cores, and it ends with a whole word."""

FADE = 0.7
"""What a clause counts once the next one has been spoken."""

DOUBT = 0.05
"""What a clause counts that was timed while engines were being loaded."""

NEGLIGIBLE = 0.01
"""Seconds: what takes no longer was no work, but came out of a cache or from a voice without a model."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What speaking has taken so far, later clauses counting more; `Pace()` knows nothing yet.

    Attributes:
        chars: Written characters.
        work: Seconds until they had their first sound.
        sound: Seconds of their sound.
    """

    chars: float = 0.0
    work: float = 0.0
    sound: float = 0.0

    def spoke(self, chars: int, work: float, sound: float) -> "Pace":
        """A clause of so many characters first sounded after `work` seconds and lasts `sound` seconds."""
        if not chars or not sound or work < NEGLIGIBLE:
            return self
        return Pace(FADE * self.chars + chars, FADE * self.work + work, FADE * self.sound + sound)

    def doubted(self) -> "Pace":
        """The same pace, which the next clause outweighs."""
        return Pace(DOUBT * self.chars, DOUBT * self.work, DOUBT * self.sound)

    @property
    def first(self) -> float:
        """Characters of a first clause that has its sound in time; infinite while nothing is known."""
        return max(FEWEST, FIRST_SECONDS * self.chars / self.work) if self.work else math.inf

    def next(self, first: int, given: int) -> float:
        """Characters of the next clause that can be ready before the clauses before it have been heard.

        Synthesis does one clause after another, and begins with the second soon after the first one begins
        to sound. So all from the second clause to the next one have the time in which all clauses before the
        next one are heard.

        Args:
            first: Characters of the first clause.
            given: Characters of all clauses so far.
        """
        if SAFETY * self.sound <= self.work:
            # Unknown, or so slow that there will be gaps: then rather between sentences.
            return math.inf
        ahead = given * self.sound / self.chars - LEAD
        return max(FEWEST, SAFETY * ahead * self.chars / self.work - (given - first))
