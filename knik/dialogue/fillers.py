"""What is said while the answer is late, and when."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FILLERS = ("Let me see.", "One moment.", "Let me think.", "Hmm, let me see.")

LATE = 0.9
"""Seconds of silence still to be expected from which a filler is worth it; people leave each other
0.2 to 0.5 s."""

ENOUGH = 3
"""Answers that have to be known before lateness is predicted."""

RECENT = 8
"""Answers that the prediction looks at."""


def expected_wait(took: Sequence[float], elapsed: float) -> float:
    """Seconds to the first sound of the present answer, as far as the latest answers tell; 0 if too few do.

    Args:
        took: Seconds from the question to the first sound of the answers before, oldest first.
        elapsed: Seconds that the answer has been in the making.
    """
    recent = took[-RECENT:]
    return statistics.median(recent) - elapsed if len(recent) >= ENOUGH else 0.0


@dataclass(frozen=True, slots=True)
class Fillers:
    """Decides; `Fillers()` has said none yet.

    Attributes:
        said: How many of `FILLERS` come before the next one; 0 to their number.
        rested: Whether the turn before went without.
    """

    said: int = 0
    rested: bool = True

    def choose(self, wait: float, lasting: Mapping[str, float]) -> "tuple[Fillers, str]":
        """Take the next turn: what to say while it is being answered, or an empty string.

        A filler comes only where the answer is predicted to be late, never in two turns running, and
        never the same twice in a row. It must be over when the answer is there.

        Args:
            wait: Seconds to the answer, from `expected_wait`.
            lasting: Seconds of each filler that can be said.
        """
        late = wait >= LATE and self.rested
        # All but the one that was said last.
        in_turn = [FILLERS[(self.said + i) % len(FILLERS)] for i in range(len(FILLERS) - 1)]
        text = next((text for text in in_turn if late and lasting.get(text, wait + 1) <= wait), "")
        if not text:
            return Fillers(self.said, rested=True), ""
        return Fillers(FILLERS.index(text) + 1, rested=False), text
