"""The time and the date."""

import re
from datetime import datetime, timedelta

from knik.dialogue.reflex.types import Answer, ReflexContext

_TIME = re.compile(
    r"(?:what(?:'s| is| was)? (?:the )?time(?: is it| it is)?|what time (?:is it|it is)|the time)"
)
_DAY = re.compile(
    r"(?:what(?:'s| is)? (?:the )?(?P<kind>date|day)(?: is (?:it|today))?|what (?P<kind2>day|date) is it)"
    r"(?: (?P<when>today|tomorrow))?|(?:what(?:'s| is) )?(?P<when2>today|tomorrow)'s date"
)
_YEAR = re.compile(r"what year is it|what(?:'s| is) the year")


def answer(text: str, context: ReflexContext) -> Answer | None:
    """Answers when the whole utterance asks for the time, the date or the year."""
    if _TIME.fullmatch(text):
        return Answer(f"It is {spoken_time(context.now)}.")
    if _YEAR.fullmatch(text):
        return Answer(f"It is {context.now.year}.")
    day = _DAY.fullmatch(text)
    if day is None:
        return None
    if "tomorrow" in (day["when"], day["when2"]):
        return Answer(f"Tomorrow is {spoken_date(context.now + timedelta(days=1))}.")
    return Answer(f"Today is {spoken_date(context.now)}.")


def spoken_time(now: datetime) -> str:
    """A time of day on the twelve-hour clock, such as "10:05 AM"."""
    return f"{now.hour % 12 or 12}:{now.minute:02d} {'AM' if now.hour < 12 else 'PM'}"


def spoken_date(day: datetime) -> str:
    """A date such as "Saturday, November 21, 2026"."""
    return f"{day:%A}, {day:%B} {day.day}, {day.year}"
