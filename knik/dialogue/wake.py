"""The phrase that wakes knik, and what sends it to sleep.

Transcribers spell names as they like ("hey Nick", "hay neck"), so the phrase is sought by its sound:
spelling is folded to what English letters sound like, consonants have to agree, vowels only roughly.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from knik.audio.frames import SAMPLE_RATE
from knik.dialogue import actions as act
from knik.dialogue.reflex.plain import plain

RESEMBLANCE = 0.7
"""How much of its folded letters (`difflib.SequenceMatcher.ratio`) the phrase must share with what was
heard, whose consonants are the same: "hey neck" has 0.80 of "hey knik", "honk" 0.67."""

FAREWELL = "Okay."
"""What is said before falling asleep."""

_SPELLINGS = (
    (r"^kn|^gn", "n"),
    (r"^wr", "r"),
    (r"ph", "f"),
    (r"c(?=[eiy])", "s"),
    (r"ck|qu|q|c|k", "k"),
    (r"x", "ks"),
    (r"z", "s"),
    (r"(?<=.)[hw]", ""),
    (r"(.)\1+", r"\1"),
    (r"[ea]y$|a[iy]|ei", "e"),
    (r"ee|ea|ie|y", "i"),
    (r"(?<=.{2})e$", ""),
)
"""Spellings of the same English sound, replaced one after another; coarser than Metaphone, since the
vowels are still to be compared."""

_VOWELS = re.compile(r"[aeiou]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SLEEP = re.compile(r"(?:you can )?(?:go (?:back )?to )?sleep|stop listening")


@dataclass(frozen=True, slots=True)
class WakeConfig:
    """When knik listens.

    Attributes:
        phrase: What wakes it.
        sleep_after: Samples without talk after which it sleeps again.
        greeting: What it says when only the phrase was said.
    """

    phrase: str = "hey knik"
    sleep_after: int = 30 * SAMPLE_RATE
    greeting: str = "Yes?"


def addressed(text: str, phrase: str, *, anywhere: bool) -> str | None:
    """What `text` says to knik.

    Args:
        text: What was heard.
        phrase: The phrase that calls knik.
        anywhere: Whether the phrase may come after other words.

    Returns:
        What follows the phrase, the phrase itself when nothing does, or None when it was not said.
    """
    wanted = [_folded(word) for word in _WORD.findall(phrase.casefold())]
    found = list(_WORD.finditer(text))
    heard = [_folded(word.group().casefold()) for word in found]
    for start in range(len(heard) if anywhere else min(1, len(heard))):
        fits = {
            end: _resemblance(heard[start:end], wanted)
            for end in range(start + max(1, len(wanted) - 1), min(len(heard), start + len(wanted) + 1) + 1)
        }
        best = max(fits, key=lambda end: fits[end], default=start)
        if fits.get(best, 0.0) >= RESEMBLANCE:
            rest = text[found[best - 1].end() :].lstrip(" ,.;:!?…–-")
            return addressed(rest, phrase, anywhere=False) or rest or phrase
    return None


def _folded(word: str) -> str:
    """The word as it sounds, roughly."""
    for spelling, sound in _SPELLINGS:
        word = re.sub(spelling, sound, word)
    return word


def _resemblance(heard: list[str], wanted: list[str]) -> float:
    """From 0 to 1; 0 where the consonants differ."""
    one, other = "".join(heard), "".join(wanted)
    if _VOWELS.sub("", one) != _VOWELS.sub("", other):
        return 0.0
    return SequenceMatcher(None, one, other).ratio()


def to_knik(wake: WakeConfig | None, text: str, *, asleep: bool) -> str:
    """What of `text` is to be answered: all of it but the phrase, or nothing while knik sleeps."""
    if wake is None:
        return text
    said = addressed(text, wake.phrase, anywhere=asleep)
    return ("" if asleep else text) if said is None else said


def dismisses(wake: WakeConfig | None, text: str | None) -> bool:
    """Whether `text` sends knik to sleep."""
    return wake is not None and text is not None and _SLEEP.fullmatch(plain(text)) is not None


def reply(wake: WakeConfig | None, turn: int, text: str) -> act.Reply | act.Say:
    """Ask for the answer to `text`; those to a call and to "go to sleep" are fixed."""
    if wake is not None and text == wake.phrase:
        return act.Say(turn, wake.greeting)
    if dismisses(wake, text):
        return act.Say(turn, FAREWELL)
    return act.Reply(turn, text)
