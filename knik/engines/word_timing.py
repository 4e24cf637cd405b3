"""From the times of phonemes to the times of words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from knik.engines.protocols import Word


@dataclass(frozen=True, slots=True)
class PhonemeTime:
    """A phoneme and where it lies, in seconds."""

    phoneme: str
    start: float
    end: float


def word_times(text: str, phonemes: Sequence[PhonemeTime]) -> list[Word]:
    """Where each word of the text lies.

    The phonemes of two words stand apart by a blank. espeak-ng writes some words as one ("of the" is
    "ʌvðə") and some as several ("5th"); where the counts differ, the words are laid along the spoken
    time by the share of letters up to them.
    """
    words = text.split()
    groups = _groups(phonemes)
    if not words or not groups:
        return []
    if len(words) == len(groups):
        spans = [(group[0].start, group[-1].end) for group in groups]
    else:
        spans = _spread(words, groups[0][0].start, groups[-1][-1].end)
    return [Word(word, start, end) for word, (start, end) in zip(words, spans, strict=True)]


def _groups(phonemes: Sequence[PhonemeTime]) -> list[list[PhonemeTime]]:
    """The phonemes of each word, without the pause that a punctuation mark makes."""
    groups: list[list[PhonemeTime]] = [[]]
    for item in phonemes:
        if item.phoneme.isspace():
            groups.append([])
        elif item.phoneme.isalpha():
            groups[-1].append(item)
    return [group for group in groups if group]


def _spread(words: Sequence[str], start: float, end: float) -> list[tuple[float, float]]:
    total = sum(map(len, words))
    edges = [start]
    for word in words:
        edges.append(edges[-1] + (end - start) * len(word) / total)
    return list(pairwise(edges))
