"""What the session holds of a turn while it lives."""

import threading
from dataclasses import dataclass, field

from knik.cancel import CancelToken
from knik.dialogue.reflex import Effect
from knik.session.playback import Sound


@dataclass(slots=True)
class LiveTurn:
    """One turn's resources; only the ears thread writes them.

    Attributes:
        turn: Its id.
        cancel: Ends all of its work.
        sound: Its way to the speaker, or None when replies are not spoken.
        released: True once its sound may be heard and its words seen.
        clauses: The reply as it was written, clause by clause.
        effects: What to do at release.
        sounding: Set once the first clause has sound, or never will.
        asked: Sample at which the chat model began with the reply, or None before and for reflexes.
    """

    turn: int
    cancel: CancelToken
    sound: Sound | None
    released: bool = False
    clauses: list[str] = field(default_factory=list)
    effects: tuple[Effect, ...] = ()
    sounding: threading.Event = field(default_factory=threading.Event)
    asked: int | None = None
