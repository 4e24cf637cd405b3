"""Cuts a reply into clauses while it is still being written."""

import re

FIRST_MIN_WORDS = 3
FIRST_MAX_WORDS = 12
MAX_CHARS = 240
HARD_MAX_CHARS = 400
LONGEST_WORD = 2_000
"""Characters after which even a text without any space is cut."""

_WORD = re.compile(r"\S+")
_SENTENCE_MARKS = ".!?…"
_CJK_MARKS = "。！？"
_CLAUSE_MARKS = ",;:—–"
_CLOSERS = "\"'”’)]*_»"
_CONJUNCTIONS = frozenset(
    "and but or so because which that when while if although though since unless until where".split()
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:mr|mrs|ms|dr|prof|st|sr|jr|vs|e\.g|i\.e|cf|vol|fig|approx|inc|ltd|co|dept"
    r"|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|[a-z]|(?:[a-z]\.)+[a-z]|\d{1,3})\.$",
    re.IGNORECASE,
)


class ClauseSplitter:
    """Takes a text in pieces of any size and gives it back in clauses.

    All clauses together hold the words of the text in order. The first clause is short, so that
    speech can begin early; later ones are whole sentences, unless these are long.

    Args:
        first_min_words: Words below which the first clause is not cut at a comma.
        first_max_words: Words after which the first clause is cut even without punctuation.
        max_chars: Length from which a sentence is cut at a comma or a conjunction.
    """

    def __init__(
        self,
        first_min_words: int = FIRST_MIN_WORDS,
        first_max_words: int = FIRST_MAX_WORDS,
        max_chars: int = MAX_CHARS,
    ) -> None:
        self._first_min_words = first_min_words
        self._first_max_words = first_max_words
        self._max_chars = max_chars
        self._buffer = ""
        self._scanned = 0
        self._first = True

    def feed(self, piece: str) -> list[str]:
        """Append `piece`; returns the clauses that are complete now."""
        clauses: list[str] = []
        # A megabyte in one piece would be copied once for every clause in it.
        for start in range(0, len(piece), HARD_MAX_CHARS):
            clauses += self._take(piece[start : start + HARD_MAX_CHARS])
        return clauses

    def _take(self, piece: str) -> list[str]:
        self._buffer += piece
        clauses: list[str] = []
        while (end := self._find_end()) is not None:
            clause, self._buffer = self._buffer[:end].strip(), self._buffer[end:]
            self._scanned = 0
            if clause:
                clauses.append(clause)
                self._first = False
        return clauses

    def flush(self) -> list[str]:
        """The text is over; returns what is left of it."""
        clauses = self.feed("\n")
        rest, self._buffer, self._scanned, self._first = self._buffer.strip(), "", 0, True
        return [*clauses, rest] if rest else clauses

    def _find_end(self) -> int | None:
        """Where the first clause of the buffer ends, once that is certain.

        Every decision depends only on the text up to one character after the cut, never on how the
        pieces came, so that any cutting of the text into pieces gives the same clauses.
        """
        text = self._buffer
        # The last character waits for its successor: "3." may become "3.5".
        for i in range(self._scanned, len(text) - 1):
            if self._ends_at(text, i):
                return i + 1
        self._scanned = max(0, len(text) - 1)
        return None

    def _ends_at(self, text: str, i: int) -> bool:
        char, following = text[i], text[i + 1]
        if i >= LONGEST_WORD:
            return True
        if char == "\n":
            return bool(text[:i].strip()) and not _in_fence(text[: i + 1])
        if char in _CJK_MARKS:
            return True
        if not following.isspace():
            return False
        if _in_fence(text[: i + 1]):
            return False
        if _ends_sentence(text, i):
            return True
        if char in _CLAUSE_MARKS:
            return self._may_cut_at_comma(text[: i + 1])
        return self._must_cut_at_space(text, i)

    def _may_cut_at_comma(self, head: str) -> bool:
        if self._first:
            return len(head) >= 12 and len(_WORD.findall(head)) >= self._first_min_words
        return len(head) >= self._max_chars // 2

    def _must_cut_at_space(self, text: str, i: int) -> bool:
        """Whether a clause without punctuation has grown too long and the word at `i` may end it."""
        if i >= HARD_MAX_CHARS:
            return True
        if i < min(self._max_chars, 40):
            return False
        if self._first:
            return len(_WORD.findall(text[: i + 1])) >= self._first_max_words
        return i >= self._max_chars and _last_word(text[: i + 1]) not in _CONJUNCTIONS


def _ends_sentence(text: str, i: int) -> bool:
    head = text[: i + 1].rstrip(_CLOSERS)
    if not head or head[-1] not in _SENTENCE_MARKS:
        return False
    if head[-1] != ".":
        return True
    return _ABBREVIATION.search(head[-14:]) is None or _is_ended_list(head)


def _is_ended_list(head: str) -> bool:
    """A number with a full stop ends a sentence ("It is 5."), unless it starts a line ("5. Stir")."""
    line = head[head.rfind("\n") + 1 :].strip()
    return head[-2:-1].isdigit() and not line[:-1].isdigit()


def _last_word(head: str) -> str:
    return head.rsplit(None, 1)[-1].casefold() if head.strip() else ""


def _in_fence(head: str) -> bool:
    return head.count("```") % 2 == 1
