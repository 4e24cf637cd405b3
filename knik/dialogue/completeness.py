"""Does an utterance sound finished? Told from its words alone, in English."""

import re
from collections.abc import Sequence
from typing import Literal

from knik.dialogue import english

Completeness = Literal["finished", "likely", "unclear", "open", "thinking"]
"""Finished: a whole question, command or short answer. Likely: a whole statement, to which people often add
something. Open: the words want to go on. Thinking: the speaker asked for time. Unclear: anything else."""

SHORTEST_NUMBER = 7
"""Digits below which a number that is given digit by digit goes on: the shortest telephone numbers."""

LONGEST_VERBLESS = 4
"""Words that a question may have before its verb is missed."""

LONGEST_ITEM = 3
"""Words that an item of a list has."""

_DANGLING = (
    english.DETERMINERS
    | english.SUBJECTS
    | english.CONJUNCTIONS
    | english.INTENSIFIERS
    | english.ATTRIBUTES
    | english.WANTS_OF
    | english.OPERATORS
    | english.MODALS
)
"""Words that end no sentence."""

_WORD = re.compile(r"[\w']+")


def completeness(text: str) -> Completeness:
    """How finished an utterance sounds.

    Args:
        text: Its transcript so far; punctuation is believed where it is there, and not needed.
    """
    plain = text.strip().casefold().replace("’", "'")
    words: list[str] = _WORD.findall(plain)
    if not words:
        return "unclear"
    said = " ".join(words)
    if english.WANTS_TIME.search(said):
        return "thinking"
    if plain.endswith(("...", "…", ",", "-", "–", "—", ":", ";")) or _hesitates(words):
        return "open"
    if said in english.SHORT_PHRASES or (len(words) == 1 and words[0] in english.SHORT_ANSWERS):
        return "finished"
    if english.OPENINGS.match(said):
        return "open"
    if words[-1] in ("please", "thanks") and len(words) >= 3:
        return "finished"
    return _dictated(words) or _by_last_word(plain, words) or _listed(plain) or _by_kind(plain, words)


def _hesitates(words: Sequence[str]) -> bool:
    if _asks(words):
        # "What is it like", "what do you know".
        return words[-1] in english.HESITATIONS - {"like"}
    return words[-1] in english.HESITATIONS or " ".join(words[-2:]) in english.TRAILING_FILLERS


def _dictated(words: Sequence[str]) -> Completeness | None:
    """A telephone number or a code that is given digit by digit."""
    digits = spoken = 0
    for word in reversed(words):
        if not (word.isdigit() or word in english.DIGITS):
            break
        spoken += 1
        digits += len(word) if word.isdigit() else 1
    named = not english.NUMBERED.isdisjoint(words)
    if spoken >= 3 or (spoken == 2 and (named or len(words) == 2)):
        return "open" if digits < SHORTEST_NUMBER else "unclear"
    # Of numerals it cannot be told whether they were given digit by digit: "my PIN is 1234".
    return "unclear" if named and spoken and digits > 1 else None


def _by_last_word(plain: str, words: Sequence[str]) -> Completeness | None:
    """Whether the last word leaves something open."""
    last = words[-1]
    before = words[-2] if len(words) > 1 else ""
    asks = _asks(words)
    if last == "that":
        points = english.PREPOSITIONS | english.AUXILIARIES | english.COMMANDS
        return None if before in points else "open"
    if last in _DANGLING:
        # "Yes, I did", "I think so", "what can you do", "what am I to do".
        whole = last == "so" or (last in english.MODALS and before in english.PRONOUNS)
        return None if whole or (last == "do" and before == "to") else "open"
    if english.CONTRACTIONS.fullmatch(last):
        return "open"
    if last in english.PRONOUNS and before in english.MODALS and _inverted(words):
        return "open"
    if last in english.BE or last == "have":
        # "Tell me where it is", "what does it have", "all that I have".
        return None if asks or before in english.PRONOUNS or _asks_within(words) else "open"
    if last in english.PREPOSITIONS:
        return _by_preposition(plain, words, asks)
    if last in english.TRANSITIVE:
        fronted = _body(words)[0] in english.OBJECT_IN_FRONT or _asks_within(words)
        return None if fronted else "open"
    return None


def _by_preposition(plain: str, words: Sequence[str], asks: bool) -> Completeness | None:
    """A question may leave its preposition behind: who is it for, where are you from."""
    before = words[-2] if len(words) > 1 else ""
    if asks and len(words) > 2:
        if plain.endswith("?"):
            return None
        if before in english.PRONOUNS or before.endswith("ed"):
            return "unclear"
    return "unclear" if words[-1] in english.PARTICLES and len(words) > 2 else "open"


def _listed(plain: str) -> Completeness | None:
    """A list without its last item, as far as commas show it: eggs, flour."""
    if plain.endswith(("?", "!")):
        return None
    *before, last = (_WORD.findall(chunk) for chunk in plain.split(","))
    if not before or not 1 <= len(last) <= LONGEST_ITEM or not english.ENDS_A_LIST.isdisjoint(last):
        return None
    if len(before) > 1:
        return "open"
    return "unclear" if len(_body(before[0])) > 1 else None


def _asks(words: Sequence[str]) -> bool:
    """Whether the utterance begins with a question word."""
    return re.sub(r"'(s|re|d|ll)$", "", _body(words)[0]) in english.QUESTION_WORDS


def _asks_within(words: Sequence[str]) -> bool:
    """Whether a question is part of the utterance: do you know what time it is."""
    return not english.QUESTION_WORDS.isdisjoint(words[1:])


def _inverted(words: Sequence[str]) -> bool:
    """Whether the last two words are an auxiliary and its subject, as in questions: how long will it."""
    body = _body(words)
    in_question = body[0] in english.OPENS_A_QUESTION or _asks(words) or _asks_within(words)
    return in_question and not (len(words) > 2 and words[-3] in english.PRONOUNS | english.MODALS)


def _by_kind(plain: str, words: Sequence[str]) -> Completeness:
    """Tell whole questions, commands and statements from what is not."""
    body = _body(words)
    if plain.endswith("?"):
        return "finished"
    if _asks(words) or body[0] in english.OPENS_A_QUESTION:
        return _question(body)
    if body[0] in english.THANKS:
        return "finished"
    if body[0] in english.COMMANDS and len(body) >= 2:
        lacks_target = body[0] in english.WANTS_A_TARGET and {"to", "into", "in"}.isdisjoint(body)
        return "unclear" if lacks_target else "finished"
    if plain.endswith("!"):
        return "finished"
    return "likely" if len(body) >= 3 and _has_verb(body) else "unclear"


def _question(body: Sequence[str]) -> Completeness:
    if len(body) < 3:
        return "unclear"
    if body[0] in english.QUESTION_WORDS and not _has_verb(body):
        # "How many ounces": its verb is still to come, or, as in "how many ounces in a pound", it is not.
        return "open" if len(body) <= LONGEST_VERBLESS else "unclear"
    if body[0] in english.BE and body[1] in english.DETERMINERS and len(body) == 3:
        return "unclear"
    return "finished"


def _has_verb(words: Sequence[str]) -> bool:
    """Whether there is a word that looks like a clause's verb."""
    return any(
        word in english.AUXILIARIES
        or english.CONTRACTIONS.fullmatch(word)
        or (at and (word in english.VERBS or word.endswith("ed")))
        for at, word in enumerate(words)
    )


def _body(words: Sequence[str]) -> Sequence[str]:
    """Without what people say before they say something."""
    start = next((i for i, word in enumerate(words) if word not in english.LEAD_INS), len(words) - 1)
    return words[start:]
