"""Turns what a chat model writes into what a person would say."""

import re

from knik.text.clauses import ClauseSplitter
from knik.text.printable import printable
from knik.text.transforms import (
    abbreviations,
    dates,
    emoji,
    links,
    markdown,
    money,
    numbers,
    symbols,
    times,
    units,
)

LONGEST_AT_ONCE = 2_500
"""Characters; longer texts go clause by clause, which keeps the time linear in their length."""

_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+([,.;:!?])")


def speech_text(text: str, language: str = "en-us") -> str:
    """What a person would say for `text`, in one line.

    The order matters: links before symbols, since a URL is full of them; dates, times, money and
    units before bare numbers, since they hold numbers. In languages other than English only what
    does not depend on the language is changed; espeak-ng's rules then read the numbers.

    Args:
        text: Markdown or plain text; any Unicode, lone surrogates included.
        language: BCP 47 code.
    """
    if len(text) > LONGEST_AT_ONCE:
        splitter = ClauseSplitter()
        clauses = [*splitter.feed(text), *splitter.flush()]
        return " ".join(filter(None, (_spoken_clause(clause, language) for clause in clauses)))
    return _spoken_clause(text, language)


def _spoken_clause(text: str, language: str) -> str:
    text = markdown.spoken(printable(text))
    text = emoji.spoken(links.spoken(text))
    if language.split("-")[0].casefold() == "en":
        for transform in (dates, times, money, units, abbreviations, numbers, symbols):
            text = transform.spoken(text)
    text = _SPACES.sub(" ", text)
    return _SPACE_BEFORE_MARK.sub(r"\1", text).strip()
