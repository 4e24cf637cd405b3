"""Utterances as rules like them."""

import re

_MARKS = re.compile(r"[^\w\s.%+*/^=°'-]+|\.(?!\d)|(?<!\w)'|'(?!\w)")
_POLITE_START = re.compile(
    r"^(?:(?:hey|hi|hello|ok|okay)\s+knik|knik|please|um+|uh+|so|well|and|now|okay|ok"
    r"|(?:can|could|would|will) you(?: please)?|i(?:'d| would) like to know|do you know|tell me"
    r"(?!\s+(?:a|about|more|why|how|the story))|i want to know)\s+"
)
_POLITE_END = re.compile(r"\s+(?:please|thanks|thank you|knik|for me|right now|now)$")


def plain(utterance: str) -> str:
    """Lower case, without punctuation and polite words: "Could you tell me the time, please?" becomes
    "the time"."""
    text = " ".join(_MARKS.sub(" ", utterance.casefold().replace("’", "'")).split())
    while (shorter := _POLITE_END.sub("", _POLITE_START.sub("", text))) != text:
        text = shorter
    return text
