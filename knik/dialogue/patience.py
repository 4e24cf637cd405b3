"""How long to wait in a pause before taking the turn.

The wait hangs on three things: how finished the words so far sound, whether knik has just asked
something (people think longer then), and how long this user pauses in the middle of a turn.
"""

import math
from dataclasses import dataclass, replace

from knik.dialogue.completeness import completeness

PRIOR_PAUSES = (0.25, 0.3, 0.35, 0.4, 0.5)
"""Seconds; a guess that stands for a user whose pauses are not known yet: unclear words are then given
0.65 s."""

REMEMBERED = 20
"""Pauses of this user that count."""

SHARE = 0.8
"""Of this user's pauses, the share that a turn without clear words survives."""

MARGIN = 0.15
"""Seconds beyond such a pause: the time that the voice needs to be noticed again."""

AFTER_A_QUESTION = 0.25
"""Seconds more where knik has asked."""

THINKING = 4.0
"""Seconds for who asked for time."""


@dataclass(frozen=True, slots=True)
class PatienceConfig:
    """Bounds of the wait, in seconds.

    Attributes:
        least: After words that sound finished.
        most: After words that want to go on.
    """

    least: float = 0.25
    most: float = 1.5


@dataclass(frozen=True, slots=True)
class Patience:
    """What is known of the user.

    Attributes:
        pauses: The latest pauses within turns, in seconds, oldest first.
    """

    pauses: tuple[float, ...] = PRIOR_PAUSES

    def went_on(self, pause: float) -> "Patience":
        """The user went on talking after a pause of so many seconds."""
        return replace(self, pauses=(*self.pauses, pause)[-REMEMBERED:])

    def silence(self, config: PatienceConfig, text: str, last_reply: str) -> float:
        """Seconds of silence that end the turn.

        Args:
            config: The bounds.
            text: What the user said so far in it.
            last_reply: What knik said last.
        """
        asked = AFTER_A_QUESTION if last_reply.rstrip(" \"'”)").endswith("?") else 0.0
        usual = self._usual() + MARGIN
        match completeness(text):
            case "finished":
                return config.least
            case "thinking":
                return max(config.most, THINKING)
            case "open":
                return max(config.most + asked, usual)
            case "likely":
                return min(config.most, (config.least + max(config.least, usual + asked)) / 2)
            case "unclear":
                return min(config.most, max(config.least, usual + asked))

    def _usual(self) -> float:
        ordered = sorted(self.pauses)
        return ordered[max(0, math.ceil(SHARE * len(ordered)) - 1)]
