"""Words of a text, counted and cut."""

import re

from knik.text.normalise import speech_text

_WORD = re.compile(r"\S+")


def words(text: str) -> list[str]:
    """The words of a text as white space separates them."""
    return _WORD.findall(text)


def prefix_of_word_count(text: str, count: int) -> str:
    """The text up to the end of its word number `count`, as it stands."""
    if count <= 0:
        return ""
    for number, match in enumerate(_WORD.finditer(text), 1):
        if number == count:
            return text[: match.end()]
    return text.rstrip()


def prefix_of_words(text: str, fraction: float) -> str:
    """The text up to the last word whose middle lies before `fraction` (0 to 1) of its sound.

    Words share the time by the length of their spoken form, so "$5.50" counts as "five dollars and
    fifty cents" does.
    """
    matches = list(_WORD.finditer(text))
    weights = _weights(text)
    limit = fraction * sum(weights)
    passed = 0.0
    end = 0
    for match, weight in zip(matches, weights, strict=True):
        if passed + weight / 2 > limit:
            break
        passed += weight
        end = match.end()
    return text[:end]


def word_shares(text: str) -> list[float]:
    """Where each word begins, as a fraction (0 to 1) of the text's sound; see `prefix_of_words`."""
    weights = _weights(text)
    return [sum(weights[:number]) / sum(weights) for number in range(len(weights))]


def _weights(text: str) -> list[int]:
    return [len(speech_text(word)) + 1 for word in words(text)]
