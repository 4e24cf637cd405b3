"""An utterance as a transcriber may write it down."""

import re

_FIGURES = {"two": "2", "five": "5", "seven": "7", "eight": "8", "ten": "10"}


def plain(text: str) -> str:
    """Lower case without punctuation, as PocketSphinx writes."""
    return re.sub(r"[.,?!]", "", text).lower()


def variants(text: str) -> tuple[str, ...]:
    """`text` first, then how else it may come: case, final punctuation, spaces, figures for words."""
    bare = text.rstrip(".?!")
    figures = re.sub(r"\w+", lambda word: _FIGURES.get(word[0], word[0]), text)
    found = (text, plain(text), bare, f"{bare}.", f"{bare}!", f"{bare}?", text.lower(), f" {text}", figures)
    return tuple(dict.fromkeys(found))
