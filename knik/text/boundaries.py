"""Where sentences end, and where they must not be cut."""

import unicodedata

SENTENCE_MARKS = ".!?…"
CLOSERS = "\"'”’)]*_»"
CJK_SENTENCE_MARKS = "。！？"
CJK_CLAUSE_MARKS = "，、；："
CJK_CLOSERS = "」』”’）"

_OPENERS = "\"'“‘([{*_«"
_NEVER_LAST = frozenset(
    "mr mrs ms dr prof st mt ft gen capt col lt sgt gov sen rep rev hon vs e.g i.e cf approx est dept"
    " avg ca al a.k.a".split()
)
_BEFORE_A_NUMBER = frozenset(
    "no nos fig figs vol p pp ch sec eq ver art jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
_PERHAPS_LAST = frozenset("etc a.m p.m inc ltd co corp bros jr sr ph.d b.c a.d".split())
_LONGEST_UNKNOWN_ABBREVIATION = 4


def ends_sentence(word: str, following: str, *, first: bool) -> bool:
    """Whether a sentence ends between two words.

    Args:
        word: The last word, with the marks that stick to it.
        following: The first character of the next word.
        first: Whether `word` begins the clause: then "5." numbers a list item.
    """
    bare = word.rstrip(CLOSERS)
    if not bare or bare[-1] not in SENTENCE_MARKS or is_pictograph(following):
        return False
    if bare[-1] != ".":
        return True
    stem = bare.lstrip(_OPENERS)[:-1].casefold()
    if not stem.strip(".") or following == ".":
        return False  # one of the dots of ". . ."
    return stem.endswith(".") or not _is_abbreviation(stem, following, first=first)


def is_pictograph(char: str) -> bool:
    """Whether a character is an emoji or another picture, which belongs to what stands before it."""
    return unicodedata.category(char) == "So"


def _is_abbreviation(stem: str, following: str, *, first: bool) -> bool:
    if stem in _NEVER_LAST or (first and stem.isdigit()):
        return True
    if stem in _BEFORE_A_NUMBER:
        return following.isdigit()
    if stem in _PERHAPS_LAST:
        return not following.isupper()
    if _is_initials(stem):
        return True
    return len(stem) <= _LONGEST_UNKNOWN_ABBREVIATION and stem.isalpha() and following.islower()


def _is_initials(stem: str) -> bool:
    """ "J", "U.S": single letters between full stops."""
    return all(len(part) == 1 and part.isalpha() for part in stem.split("."))


class Markup:
    """Follows code spans, code fences and markdown links through a text, character by character."""

    def __init__(self) -> None:
        self.in_fence = False
        self._in_code = False
        self._in_brackets = False
        self._in_target = False
        self._ticks = 0
        self._last_tick = self._last_bracket = -2

    @property
    def is_open(self) -> bool:
        """Whether a cut here would tear something apart."""
        return self.in_fence or self._in_code or self._in_brackets or self._in_target

    def see(self, char: str, position: int) -> None:
        """Take note of one of the characters "`[]()" at `position`."""
        if char == "`":
            self._see_tick(position)
        elif self.in_fence or self._in_code:
            return
        elif char == "[":
            self._in_brackets = True
        elif char == "]" and self._in_brackets:
            self._in_brackets, self._last_bracket = False, position
        elif char == "(" and position == self._last_bracket + 1:
            self._in_target = True
        elif char == ")":
            self._in_target = False

    def _see_tick(self, position: int) -> None:
        self._ticks = self._ticks + 1 if position == self._last_tick + 1 else 1
        self._last_tick = position
        if self._ticks == 3:
            self.in_fence, self._in_code = not self.in_fence, False
        elif not self.in_fence and self._ticks < 3:
            self._in_code = not self._in_code
