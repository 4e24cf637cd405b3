"""How long to wait in a pause before taking the turn.

The wait hangs on three things: how finished the words so far sound, whether knik has just asked
something (people think longer then), and how long this user pauses in the middle of a turn.
"""

import math
from dataclasses import dataclass, replace

from knik.dialogue.completeness import Completeness, completeness

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


SURE = 0.5
"""Probability from which a turn-detection model takes a turn for finished (pipecat's own threshold)."""

MELODY: dict[bool, dict[Completeness, Completeness]] = {
    True: {"unclear": "likely", "likely": "finished"},
    False: {"finished": "likely", "likely": "unclear"},
}
"""What the sound makes of what the words say, one step either way. Words that want to go on are believed
whatever they sound like, and who asked for time gets it."""


def judged(words: Completeness, finished: float | None) -> Completeness:
    """How finished a turn is by its words and, where something judges that, by its sound."""
    return words if finished is None else MELODY[finished >= SURE].get(words, words)


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

    def silence(
        self, config: PatienceConfig, text: str, last_reply: str, finished: float | None = None
    ) -> float:
        """Seconds of silence that end the turn.

        Args:
            config: The bounds.
            text: What the user said so far in it.
            last_reply: What knik said last.
            finished: Probability that the user has finished, by the sound; None where nothing judges it.
        """
        asked = AFTER_A_QUESTION if last_reply.rstrip(" \"'”)").endswith("?") else 0.0
        usual = self._usual() + MARGIN
        match judged(completeness(text), finished):
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
