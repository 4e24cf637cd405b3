"""How much of a reply was really heard."""

from collections.abc import Sequence
from dataclasses import dataclass

from knik.engines.protocols import Word
from knik.text.words import prefix_of_word_count, prefix_of_words, word_shares, words


@dataclass(frozen=True, slots=True)
class SpokenClause:
    """A clause of the reply and its sound.

    Attributes:
        text: The clause as the chat model wrote it.
        seconds: Length of its sound, as far as it was synthesised.
        complete: True when all of its sound was synthesised.
        words: Word timings of the spoken text in seconds from its start; empty where the engine
            gives none.
    """

    text: str
    seconds: float
    complete: bool = True
    words: tuple[Word, ...] = ()


def heard_text(clauses: Sequence[SpokenClause], seconds: float) -> str:
    """The beginning of the reply that `seconds` of its sound carried, as the model wrote it.

    Whole clauses are taken as they stand. Of the clause that was cut, a word counts as heard once
    its middle was played. Where the engine's words are not the written ones (numbers, markdown), or
    it gives no timings, the written words share the clause's time by the length of their spoken form.
    """
    heard: list[str] = []
    left = seconds
    for clause in clauses:
        if clause.complete and left >= clause.seconds:
            heard.append(clause.text)
            left -= clause.seconds
            continue
        heard.append(_heard_of_clause(clause, left))
        break
    return " ".join(part.strip() for part in heard if part.strip())


def _heard_of_clause(clause: SpokenClause, seconds: float) -> str:
    if seconds <= 0 or clause.seconds <= 0:
        return ""
    if clause.words and len(clause.words) == len(words(clause.text)):
        count = sum((word.start + word.end) / 2 <= seconds for word in clause.words)
        return prefix_of_word_count(clause.text, count)
    return prefix_of_words(clause.text, min(1.0, seconds / clause.seconds))


def word_start(clauses: Sequence[SpokenClause], seconds: float) -> float:
    """When the word began that is spoken `seconds` into the sound; in seconds, not after `seconds`.

    Where the engine gives no timings, the words share their clause's time as in `heard_text`.
    """
    start = 0.0
    for clause in clauses:
        if seconds < start + clause.seconds:
            return start + _word_start(clause, seconds - start)
        start += clause.seconds
    return seconds


def _word_start(clause: SpokenClause, seconds: float) -> float:
    if clause.words:
        begun = [word for word in clause.words if word.start <= seconds]
        # Between two words nothing was cut off.
        return (begun[-1].start if seconds < begun[-1].end else seconds) if begun else 0.0
    begins = (clause.seconds * share for share in word_shares(clause.text))
    return max((begin for begin in begins if begin <= seconds), default=0.0)
