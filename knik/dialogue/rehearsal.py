"""When to listen to an utterance that goes on, so that the chat model can read along."""

from dataclasses import dataclass, replace

from knik.audio.frames import SAMPLE_RATE
from knik.dialogue.turns import State

FIRST = 2 * SAMPLE_RATE
"""Samples of an utterance before its first rehearsal. A shorter one holds few words to read along; and one
that ends meanwhile waits for the rehearsal, which cannot be broken off."""

EVERY = SAMPLE_RATE
"""Samples between two rehearsals, at least."""

REST = 9
"""A rehearsal is followed by this many times its own length of rest: on a slow machine they take at most
a tenth of the time, and rarely stand in the way of the transcription that counts."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Where the reading along stands; `Rehearsal()` is its beginning.

    Attributes:
        busy: True while a transcription is under way.
        rested: Sample from which the next one may begin.
    """

    busy: bool = False
    rested: int = 0

    def due(self, state: State, now: int) -> bool:
        """Whether the utterance that goes on should be transcribed as far as it has got."""
        draft = state.draft
        if self.busy or state.asleep or draft is None or draft.turn is not None or state.answer is not None:
            return False
        return now >= max(self.rested, draft.start + FIRST)

    def begun(self) -> "Rehearsal":
        """A transcription is under way."""
        return replace(self, busy=True)

    def ended(self, now: int, seconds: float) -> "Rehearsal":
        """The transcription took `seconds`."""
        return Rehearsal(False, now + max(EVERY, round(REST * seconds * SAMPLE_RATE)))
