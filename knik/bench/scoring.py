"""Word and character error rates, by jiwer, after Whisper's normaliser."""

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

Edit = Literal["equal", "substitute", "delete", "insert"]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of words or characters; the error rate is (S + D + I) / (H + S + D)."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    @property
    def errors(self) -> int:
        """S + D + I."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def length(self) -> int:
        """Of the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def rate(self) -> float:
        """The error rate; without a reference 0.0 if nothing was heard, else 1.0."""
        return self.errors / self.length if self.length else float(bool(self.insertions))

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an alignment: what was said, what was heard."""

    edit: Edit
    said: str
    heard: str


@dataclass(frozen=True, slots=True)
class Score:
    """How well one recording was heard."""

    words: Counts
    characters: Counts
    alignment: tuple[Piece, ...]


def score(reference: str, heard: str, language: str = "en") -> Score:
    """Compare after normalising: case, punctuation, numbers, contractions and spelling do not count.

    Args:
        reference: What was said.
        heard: What was understood.
        language: "en" takes Whisper's English normaliser, anything else its basic one.
    """
    import jiwer

    normal = _normaliser(language)
    said, got = normal(reference).strip(), normal(heard).strip()
    if not said:
        return Score(Counts(insertions=len(got.split())), Counts(insertions=len(got)), ())
    words, characters = jiwer.process_words(said, got), jiwer.process_characters(said, got)
    reference_words, heard_words = words.references[0], words.hypotheses[0]
    pieces = tuple(
        Piece(
            cast(Edit, chunk.type),
            " ".join(reference_words[chunk.ref_start_idx : chunk.ref_end_idx]),
            " ".join(heard_words[chunk.hyp_start_idx : chunk.hyp_end_idx]),
        )
        for chunk in words.alignments[0]
    )
    return Score(_counts(words), _counts(characters), pieces)


def total(scores: Iterable[Counts]) -> Counts:
    """All counts together: long recordings weigh more than short ones."""
    return sum(scores, Counts())


def _counts(output: object) -> Counts:
    names = ("hits", "substitutions", "deletions", "insertions")
    return Counts(*(int(getattr(output, name)) for name in names))


@cache
def _normaliser(language: str) -> Callable[[str], str]:
    with warnings.catch_warnings():
        # Some of its doc strings hold invalid escapes, of which newer Pythons complain aloud.
        warnings.simplefilter("ignore")
        if language.partition("-")[0].casefold() in ("", "en"):
            from whisper_normalizer.english import EnglishTextNormalizer as Normalizer
        else:
            from whisper_normalizer.basic import BasicTextNormalizer as Normalizer
    return cast(Callable[[str], str], Normalizer())
