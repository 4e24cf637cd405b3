"""Does an utterance sound finished? Told from its words alone, in English."""

import re
from typing import Literal

Completeness = Literal["finished", "unclear", "open", "thinking"]
"""Finished: a whole question, command or short answer. Open: the words want to go on. Thinking: the
speaker asked for time. Unclear: anything else."""

_HESITATIONS = frozenset("um uh erm er hmm hm mm ah eh uhm well like".split())
_GOES_ON = frozenset(
    "a an the and or but so because if when while although though since unless until than whether that which"
    " my your his her its our their this these those some any every each no another"
    " of to from with without at by for into onto between about around over under through during towards"
    " is are was were am be been being do does did has have had will would can could shall should may might"
    " must i you we they he she it's i'm you're what's where's that's very really quite too as in on"
    " please say called named plus minus times divided".split()
)
"""Words that hardly ever end a statement or a command."""
_ENDS_A_QUESTION = frozenset(
    "to from with at by for about on in over through under is are was were am be do does did has have had"
    " will would can could should you i we they he she that this those these it as".split()
)
"""Of these, words that do end a question: where is it from, who are you."""
_QUESTION_WORDS = frozenset(
    "what what's who who's whose where where's when when's why how how's which is are am was were do does did"
    " can could will would should shall may have has".split()
)
_COMMANDS = frozenset(
    "tell set play stop pause start open close turn switch show give find call send add remove delete cancel"
    " repeat say read write make translate convert explain remind wake calculate count flip roll spell define"
    " continue go wait help list describe name sing put take bring check look search".split()
)
_SHORT_ANSWERS = frozenset(
    "yes no yeah yep nope okay ok sure stop thanks hello hi hey goodbye bye right correct exactly never maybe"
    " again continue louder quieter faster slower".split()
)
_SHORT_PHRASES = frozenset(
    "thank you|thank you very much|good morning|good evening|good night|of course|of course not|not really"
    "|i think so|i do not know|i don't know|never mind|go on|go ahead|that is all|that's all|no thanks"
    "|no thank you|yes please|sounds good|all right|shut up|be quiet|hold it|repeat that".split("|")
)
_WANTS_TIME = re.compile(
    r"\b(let me (think|see)|give me a (second|moment|minute)|hold on|hang on|one (second|moment)"
    r"|wait a (second|moment|minute)|just a (second|moment|minute)"
    r"|how (do|shall) i (say|put) (it|this|that))$"
)
_OPENINGS = re.compile(
    r"^((and|so|well|okay|um|uh|please) )*"
    r"(i would like|i'd like|i want|i need|can you|could you|would you|will you|can i|could i|i think|i was"
    r"|i am|i have|do you know|tell me|show me|what about|how about|what if|is there|are there|set a|set an"
    r"|set the|turn|play|call|remind me|the thing is|what i mean is)( please| also| maybe| just)?$"
)
_NUMBERS = frozenset(
    "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand"
    " million point double triple".split()
)
_LEAD_INS = frozenset("and so well okay ok um uh hey please now then knik".split())
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
    if _WANTS_TIME.search(said):
        return "thinking"
    if plain.endswith(("...", "…", ",", "-", "–", "—", ":", ";")) or words[-1] in _HESITATIONS:
        return "open"
    if said in _SHORT_PHRASES or (len(words) == 1 and words[0] in _SHORT_ANSWERS):
        return "finished"
    if _OPENINGS.match(said) or _is_number(words):
        return "open"
    return _by_kind(plain, words)


def _by_kind(plain: str, words: list[str]) -> Completeness:
    """Tell a finished question or command from one that goes on."""
    body = _without_lead_in(words)
    is_question = plain.endswith("?") or (body[0] in _QUESTION_WORDS and len(body) >= 3)
    last = words[-1]
    if last in _GOES_ON and not (is_question and last in _ENDS_A_QUESTION):
        return "open"
    if last in _GOES_ON and not plain.endswith("?"):
        return "unclear"
    if is_question or plain.endswith("!"):
        return "finished"
    if body[0] in _COMMANDS and len(body) >= 2:
        return "finished"
    return "unclear"


def _without_lead_in(words: list[str]) -> list[str]:
    start = next((i for i, word in enumerate(words) if word not in _LEAD_INS), len(words) - 1)
    return words[start:]


def _is_number(words: list[str]) -> bool:
    """A telephone number or a sum that is being dictated."""
    return len(words) > 1 and all(word in _NUMBERS or word.isdigit() for word in words)
