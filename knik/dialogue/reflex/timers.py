"""Timers."""

import re

from knik.dialogue.reflex.figures import parse_number, say_number
from knik.dialogue.reflex.types import Answer, CancelTimers, ReflexContext, SetTimer

_SET = re.compile(
    r"(?:(?:set|start|make|give me)(?: me)? (?:a |an |the |another )?(?:timer|alarm)(?: for| of|)"
    r"|timer(?: for)?|remind me in|wake me(?: up)? in) (?P<time>.+)"
)
_SET_BEFORE = re.compile(r"(?:set|start)(?: me)? (?:a |an )?(?P<time>.+?) timer")
_CANCEL = re.compile(
    r"(?:cancel|stop|clear|delete|forget)(?: the| my| all)*(?: the| my)? (?:timers?|alarms?)"
)
_PART = re.compile(r"(?:(?P<number>.+?)\s)?(?P<unit>seconds?|minutes?|hours?)(?: and)?(?: (?P<half>a half))?")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
LONGEST = 24 * 3600


def answer(text: str, context: ReflexContext) -> Answer | None:  # noqa: ARG001
    """Answers when the whole utterance sets or cancels a timer."""
    if _CANCEL.fullmatch(text):
        return Answer("The timers are off.", (CancelTimers(),))
    match = _SET.fullmatch(text) or _SET_BEFORE.fullmatch(text)
    if match is None:
        return None
    seconds = parse_duration(match["time"])
    if seconds is None or not 0 < seconds <= LONGEST:
        return None
    length = say_duration(seconds)
    label = f"Your timer for {length} has ended."
    return Answer(f"A timer for {length}, starting now.", (SetTimer(seconds, label),))


def parse_duration(text: str) -> float | None:
    """Seconds of "five minutes", "an hour and 20 minutes", "one and a half hours" or "90 second"."""
    text = (
        text.removeprefix("for ").replace("half an hour", "0.5 hours").replace("half a minute", "30 seconds")
    )
    total, position = 0.0, 0
    while position < len(text):
        match = _PART.match(text, position)
        if match is None:
            return None
        number = parse_number((match["number"] or "one").removeprefix("and ").strip())
        if number is None:
            return None
        total += (number + (0.5 if match["half"] else 0)) * _SECONDS[match["unit"].rstrip("s")]
        position = match.end() + 1
    return total or None


def say_duration(seconds: float) -> str:
    """A length of time such as "1 hour and 20 minutes"."""
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [
        f"{say_number(count)} {unit}{'' if count == 1 else 's'}"
        for count, unit in ((hours, "hour"), (minutes, "minute"), (rest, "second"))
        if count
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
