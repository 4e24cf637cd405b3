"""What a screen or a file may show of the conversation, in order."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Literal

EntryKind = Literal["user", "assistant", "clause", "notice", "error", "asleep", "awake"]

CAPACITY = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the conversation.

    Attributes:
        number: Counts up from 1 without gaps.
        kind: "clause" is a piece of a reply on its way to the speaker, "assistant" what was heard
            of the whole reply in the end; "asleep" and "awake" are what knik has become.
        turn: The turn it belongs to, 0 for none.
        text: What to show.
        cut_off: True for a reply that the user interrupted.
    """

    number: int
    kind: EntryKind
    turn: int
    text: str
    cut_off: bool = False


class Journal:
    """The newest entries of a session; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=CAPACITY)
        self._count = 0

    def add(self, kind: EntryKind, turn: int, text: str, *, cut_off: bool = False) -> None:
        """Append an entry."""
        with self._lock:
            self._count += 1
            self._entries.append(Entry(self._count, kind, turn, text, cut_off))

    @property
    def count(self) -> int:
        """Entries so far, those that are no longer kept included."""
        return self._count

    def since(self, number: int) -> list[Entry]:
        """The entries after `number`, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry.number > number]
