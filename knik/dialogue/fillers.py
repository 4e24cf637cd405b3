"""What is said while the answer is late, and when."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

FILLERS = ("Let me see.", "One moment.", "Let me think.", "Hmm, let me see.")

LATE = 0.9
"""Seconds of silence still to be expected from which a filler is worth it: most fillers last about as
long, and people leave each other 0.2 to 0.5 s."""

ENOUGH = 3
"""Answers that have to be known before lateness is predicted."""

RECENT = 8
"""Answers that the prediction looks at."""


@dataclass(frozen=True, slots=True)
class Fillers:
    """Decides; `Fillers()` has said none yet.

    Attributes:
        said: How many were said.
        rested: Whether the turn before went without.
    """

    said: int = 0
    rested: bool = True

    def choose(self, took: Sequence[float], elapsed: float) -> "tuple[Fillers, str]":
        """Take the next turn: what to say while it is being answered, or an empty string.

        A filler comes only where the answer is predicted to be late, never in two turns running, and
        never the same twice in a row.

        Args:
            took: Seconds from the question to the first sound of the answers before, oldest first.
            elapsed: Seconds that the answer has been in the making.
        """
        recent = took[-RECENT:]
        late = len(recent) >= ENOUGH and statistics.median(recent) - elapsed >= LATE
        if not late or not self.rested:
            return Fillers(self.said, rested=True), ""
        return Fillers(self.said + 1, rested=False), FILLERS[self.said % len(FILLERS)]
