"""Dates in figures and with a month's name."""

import re

from knik.text.transforms.numbers import ordinal, year

MONTHS = "January February March April May June July August September October November December".split()
_SHORT = "|".join(month[:3] + (month[3:4] if month == "September" else "") for month in MONTHS)
_NAME = rf"(?P<month>{'|'.join(MONTHS)}|{_SHORT}|Sep)\.?"
_ISO = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_US = re.compile(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(\d{4})(?![\w/])")
_MONTH_DAY = re.compile(rf"\b{_NAME}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(?P<year>\d{{4}})\b)?")
_DAY_MONTH = re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s{_NAME}(?:\s(?P<year>\d{{4}})\b)?")
_DECADE = re.compile(r"\b(1[1-9]|20)(\d)0s\b")


def spoken(text: str) -> str:
    """2026-11-21 becomes "November twenty-first, twenty twenty-six"; dates that are none stay."""
    text = _ISO.sub(lambda m: _date(m, int(m[1]), int(m[2]), int(m[3])), text)
    text = _US.sub(lambda m: _date(m, int(m[3]), int(m[1]), int(m[2])), text)
    text = _DECADE.sub(lambda m: _decade(int(m[1]), int(m[2])), text)
    for pattern in (_MONTH_DAY, _DAY_MONTH):
        text = pattern.sub(_named, text)
    return text


def _date(match: re.Match[str], the_year: int, month: int, day: int) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return f"{MONTHS[month - 1]} {ordinal(day)}, {year(the_year)}"


def _named(match: re.Match[str]) -> str:
    day = int(match["day"])
    if not 1 <= day <= 31:
        return match.group()
    month = next(name for name in MONTHS if name.startswith(match["month"][:3]))
    tail = f", {year(int(match['year']))}" if match["year"] else ""
    return f"{month} {ordinal(day)}{tail}"


def _decade(century: int, decade: int) -> str:
    tens = ["hundreds", "tens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies"]
    return f"{year(century * 100).split()[0]} {[*tens, 'eighties', 'nineties'][decade]}"
