"""Cuts a reply into clauses while it is still being written."""

import re
from collections.abc import Callable

from knik.text.boundaries import (
    CJK_CLAUSE_MARKS,
    CJK_CLOSERS,
    CJK_SENTENCE_MARKS,
    CLOSERS,
    Markup,
    ends_sentence,
)
from knik.text.pace import Pace

FIRST_MIN_WORDS = 3
FIRST_MIN_CHARS = 12
FIRST_MAX_WORDS = 10
NEARLY = 1.5
"""A clause that is two thirds as long as it may be is not filled up with the beginning of a phrase."""
MAX_CHARS = 240
HARD_MAX_CHARS = 400
"""Characters after which even a link or a code span is cut, at a space."""
LONGEST_WORD = 2_000
"""Characters after which even a text without any space is cut."""

_CLAUSE_MARKS = ",;:—–"
_CONJUNCTIONS = frozenset(
    "and but or so because which while if although though since unless until where whereas".split()
)
_PHRASE_STARTS = _CONJUNCTIONS | frozenset(
    "a an the to in on at by for with from as about is are was were will would can could should may might has"
    " have had i he she we they that which who whose my your his her its their our".split()
)
"""Words before which a speaker may pause, and never after them."""
_NUMBER_PARTS = frozenset(("hundred", "thousand", "million"))
"""Words after which "and" goes on with a number."""
_NUMBERS = _NUMBER_PARTS | frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety billion".split()
)
_BEFORE_A_NUMBER = frozenset("about around is are was were be than".split())
"""Words after which a speaker may think about a number."""
_WEAK_ENDINGS = _PHRASE_STARTS | frozenset(
    "of not be it you no very what how around than page chapter version step january february march april"
    " june july august september october november december".split()
)
_MOST_WEAK_WORDS = 6
_CJK = CJK_SENTENCE_MARKS + CJK_CLAUSE_MARKS + CJK_CLOSERS
# What a decision can hang on: white space, markup, the start of a word, what follows a CJK mark.
_EVENT = re.compile(rf"\s|[`\[\]()]|(?<=\s)\S|(?<=[{_CJK}])[^{_CJK}]")


class ClauseSplitter:
    """Takes a text in pieces of any size and gives it back in clauses.

    All clauses together hold the words of the text in order. The first clause is short, so that
    speech can begin early, the second may be cut at a comma soon, and later ones are whole
    sentences unless these are long. Lines, list items and paragraphs are boundaries. A code fence
    stays whole however long it is, since nobody reads it out.

    Every decision hangs on the text up to the first character of the next word, never on how the
    pieces came, so that any cutting of the text into pieces gives the same clauses at the same pace.

    Args:
        pace: Asked at every word. Where synthesis is slow, the first clause is shorter, and later ones
            are cut so that each can be ready before those before it were heard.
        first_min_words: Words below which the first clause is not cut at a comma.
        max_chars: Length at which a sentence is cut at its last conjunction or space; half of it
            is the length from which it is cut at a comma.
    """

    def __init__(
        self,
        pace: Callable[[], Pace] = Pace,
        first_min_words: int = FIRST_MIN_WORDS,
        max_chars: int = MAX_CHARS,
    ) -> None:
        self._pace = pace
        self._first_min_words = first_min_words
        self._max_chars = max_chars
        self._reset()

    def _reset(self) -> None:
        self._buffer = ""
        self._given = self._first_chars = self._given_chars = 0
        self._begin_clause("")

    def _begin_clause(self, rest: str) -> None:
        self._buffer = rest
        self._scanned = 0
        self._words = self._weak_words = 0
        self._word_start = 0
        self._last_word = self._word_before = ""
        self._conjunction: int | None = None
        self._markup = Markup()

    def feed(self, piece: str) -> list[str]:
        """Append `piece`; returns the clauses that are complete now."""
        clauses: list[str] = []
        # A megabyte in one piece would be copied once for every clause in it.
        for start in range(0, len(piece), HARD_MAX_CHARS):
            self._buffer += piece[start : start + HARD_MAX_CHARS]
            while (end := self._find_end()) is not None:
                clause, rest = self._buffer[:end].strip(), self._buffer[end:]
                if clause:
                    clauses.append(clause)
                    self._count(len(clause))
                self._begin_clause(rest)
        return clauses

    def _count(self, chars: int) -> None:
        if not self._given:
            self._first_chars = chars
        self._given += 1
        self._given_chars += chars

    def flush(self) -> list[str]:
        """The text is over; returns what is left of it, and begins anew."""
        clauses = self.feed("\n")
        rest = self._buffer.strip()
        self._reset()
        return [*clauses, rest] if rest else clauses

    def _find_end(self) -> int | None:
        """Where the first clause of the buffer ends, once that is certain."""
        text = self._buffer
        for match in _EVENT.finditer(text, self._scanned):
            if (end := self._end_at(text, match.start())) is not None:
                return end
        self._scanned = len(text)
        if len(text) - self._word_start > LONGEST_WORD and not self._markup.in_fence:
            return self._word_start + LONGEST_WORD
        return None

    def _end_at(self, text: str, i: int) -> int | None:
        """The end of the clause if the character at `i` decides it."""
        char = text[i]
        if char.isspace():
            return self._end_at_space(text, i)
        if i and text[i - 1].isspace():
            if self._is_sentence_before(char):
                return i
            self._word_start = i
        elif i and text[i - 1] in _CJK and self._is_cjk_clause(text[:i]):
            return i
        self._markup.see(char, i)
        return None

    def _is_sentence_before(self, following: str) -> bool:
        if self._markup.is_open or not self._words:
            return False
        return ends_sentence(self._last_word, following, first=self._words == 1)

    def _is_cjk_clause(self, head: str) -> bool:
        mark = head.rstrip(CJK_CLOSERS)[-1:]
        if self._markup.is_open or not mark:
            return False
        if mark in CJK_SENTENCE_MARKS:
            return True
        # A Chinese character says about as much as half an English word.
        shortest = FIRST_MIN_CHARS // 2 if not self._given else self._max_chars // 4
        return mark in CJK_CLAUSE_MARKS and len(head) >= shortest

    def _end_at_space(self, text: str, i: int) -> int | None:
        if self._markup.in_fence:
            return None
        if i and not text[i - 1].isspace():
            self._words += 1
            self._last_word = text[self._word_start : i]
            if (end := self._end_after_word(i)) is not None:
                return end
        self._word_start = i + 1
        return i + 1 if text[i] == "\n" and self._words else None

    def _end_after_word(self, i: int) -> int | None:
        """The end of the clause, now that its latest word ends at `i`."""
        if i >= HARD_MAX_CHARS:
            return i + 1
        if self._markup.is_open:
            return None
        bare = self._last_word.rstrip(CLOSERS)
        if bare and bare[-1] in _CLAUSE_MARKS and self._may_cut_at_comma(i):
            return i + 1
        word = bare.casefold()
        before, self._word_before = self._word_before, word
        if word in _CONJUNCTIONS and self._words > 1 and before not in _NUMBER_PARTS:
            if self._is_half_full(i) and not _is_weak(before):
                return self._word_start
            self._conjunction = self._word_start
        if self._is_nearly_full() and _may_end_between(before, word):
            return self._word_start
        if self._is_full(self._words, i):
            self._weak_words += 1
            return i + 1 if not _is_weak(word) or self._weak_words > _MOST_WEAK_WORDS else None
        return self._end_of_long_sentence(i) if self._given else None

    def _most_chars(self) -> float:
        # The clauses before this one may have been synthesised meanwhile.
        pace = self._pace()
        return pace.next(self._first_chars, self._given_chars) if self._given else pace.first

    def _is_full(self, words: int, chars: float) -> bool:
        return chars >= self._most_chars() or (not self._given and words >= FIRST_MAX_WORDS)

    def _is_half_full(self, chars: int) -> bool:
        return self._is_full(2 * (self._words - 1), 2 * chars)

    def _is_nearly_full(self) -> bool:
        return self._is_full(self._words - 1, NEARLY * self._word_start)

    def _may_cut_at_comma(self, length: int) -> bool:
        if not self._given:
            return length + 1 >= FIRST_MIN_CHARS and self._words >= self._first_min_words
        # Little sound is ready while the second clause is written, plenty later.
        enough = length >= self._max_chars // (4 if self._given == 1 else 2)
        return enough or self._is_half_full(length)

    def _end_of_long_sentence(self, i: int) -> int | None:
        if i < self._max_chars:
            return None
        if self._conjunction is not None and self._conjunction >= self._max_chars // 3:
            return self._conjunction
        return i + 1


def _may_end_between(before: str, word: str) -> bool:
    """Whether a speaker may pause between the two words."""
    if _is_number(word):
        return before in _BEFORE_A_NUMBER
    return word in _PHRASE_STARTS and not _is_weak(before)


def _is_number(word: str) -> bool:
    return word in _NUMBERS or word[-1:].isdigit()


def _is_weak(word: str) -> bool:
    # A full stop that ends no sentence ends an abbreviation.
    return word in _WEAK_ENDINGS or _is_number(word) or word.endswith(".")
