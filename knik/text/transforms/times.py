"""Times of day."""

import re

from knik.text.transforms.numbers import cardinal

_TIME = re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?::\d{2})?(?![\d:])(\s?[ap]\.?m\b\.?)?", re.IGNORECASE)
_HOUR = re.compile(r"(?<![\d:.])(\d{1,2})\s?([ap])\.?m\b\.?(?=\W|$)", re.IGNORECASE)


def spoken(text: str) -> str:
    """10:30 am becomes "ten thirty A M", 14:05 "fourteen oh five"."""
    return _HOUR.sub(_hour, _TIME.sub(_time, text))


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return match.group()
    half = f" {match[3].strip()[0].upper()} M" if match[3] else ""
    if minute == 0:
        return f"{cardinal(hour)}{half or (' o clock' if 1 <= hour <= 12 else ' hundred')}"
    return f"{cardinal(hour)} {'oh ' if minute < 10 else ''}{cardinal(minute)}{half}"


def _hour(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} {match[2].upper()} M"
