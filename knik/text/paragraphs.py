"""Paragraphs of a long text."""

import re
from collections.abc import Iterable, Iterator

_OWN_LINE = re.compile(r"\s*(?:[-*+•#>|]|\d{1,3}[.)]\s)")


def iter_paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """Join lines into paragraphs, which empty lines separate; reads no further than it must.

    Lines are wrapped at the writer's whim, so they are joined by spaces; list items, headings and
    table rows keep a line of their own.
    """
    paragraph: list[str] = []
    for line in lines:
        if line.strip():
            separator = "\n" if _OWN_LINE.match(line) else " "
            paragraph.append((separator if paragraph else "") + line.strip())
        elif paragraph:
            yield "".join(paragraph)
            paragraph = []
    if paragraph:
        yield "".join(paragraph)
