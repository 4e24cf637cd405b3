"""Numbers in figures."""

import re

_PHONE = re.compile(r"(?<![\w.])\+?\d{1,3}[-. ]\(?\d{3}\)?[-. ]\d{3}[-. ]?\d{4}(?![\w.]\d)|\b\d{3}-\d{4}\b")
_VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+){2,5})\b(?!\.\d)")
_ORDINAL = re.compile(r"\b(\d{1,6})(?:st|nd|rd|th)\b", re.IGNORECASE)
_FRACTION = re.compile(r"(?<![\w./])(\d{1,2})/(2|3|4|5|8|10)(?![\w/]|\.\d)")
_RANGE = re.compile(r"(?<![\w.-])(\d[\d,]{0,12}(?:\.\d+)?)\s?[-–]\s?(\d[\d,]{0,12}(?:\.\d+)?)(?![\w-])")
_PERCENT = re.compile(r"(?<=\d)\s?%")
_NUMBER = re.compile(r"(?<![\w.])([-−+]?)(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\d])")
_VULGAR = {
    "½": " one half",
    "¼": " one quarter",
    "¾": " three quarters",
    "⅓": " one third",
    "⅔": " two thirds",
}
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth", 10: "tenth"}

MOST_DIGITS = 15
"""Longer figures are identifiers, which are read digit by digit."""


def spoken(text: str) -> str:
    """Cardinals, decimals, ordinals, fractions, ranges, percentages, versions and phone numbers."""
    for mark, words in _VULGAR.items():
        text = text.replace(mark, words)
    text = _PHONE.sub(lambda match: _digits(match.group()), text)
    text = _VERSION.sub(lambda match: match.group(1).replace(".", " point "), text)
    text = _ORDINAL.sub(lambda match: ordinal(int(match.group(1))), text)
    text = _FRACTION.sub(_fraction, text)
    text = _RANGE.sub(r"\1 to \2", text)
    text = _PERCENT.sub(" percent", text)
    return _NUMBER.sub(_number, text)


def cardinal(number: int | float) -> str:
    """A number in words: 1234 is "one thousand two hundred thirty-four"."""
    from num2words import num2words

    words: str = num2words(number)
    return words.replace(",", "").replace(" and ", " ")


def ordinal(number: int) -> str:
    """A rank in words: 21 is "twenty-first"."""
    from num2words import num2words

    words: str = num2words(number, to="ordinal")
    return words.replace(",", "").replace(" and ", " ")


def year(number: int) -> str:
    """A year in words: 1999 is "nineteen ninety-nine", 2000 "two thousand"."""
    if 2000 <= number <= 2009 or number < 1000 or number > 2999:
        return cardinal(number)
    century, rest = divmod(number, 100)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def amount(figures: str) -> str:
    """Figures such as "1,234.50" in words, digit by digit after the point."""
    whole, _, decimals = figures.replace(",", "").partition(".")
    words = _digits(whole) if len(whole) > MOST_DIGITS or _is_code(whole) else cardinal(int(whole or "0"))
    return f"{words} point {_digits(decimals)}" if decimals else words


def _is_code(figures: str) -> bool:
    """Figures with a leading zero ("007") are no quantity."""
    return len(figures) > 1 and figures.startswith("0")


def _digits(figures: str) -> str:
    return " ".join(cardinal(int(char)) for char in figures if char.isdecimal())


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(match.group(1)), int(match.group(2))
    part = _PARTS[bottom] + ("" if top == 1 else "s")
    return f"{cardinal(top)} {'halves' if part == 'halfs' else part}"


def _number(match: re.Match[str]) -> str:
    sign, whole, decimals = match.group(1), match.group(2), match.group(3) or ""
    after = match.string[match.end() : match.end() + 1]
    before = match.string[max(0, match.start() - 1) : match.start()]
    words = _bare(whole, decimals)
    prefix = {"-": "minus ", "−": "minus ", "+": "plus "}.get(sign, "")
    if before and not before.isspace() and prefix == "minus ":
        prefix = ""
    return f"{prefix}{words}{' ' if after.isalpha() else ''}"


def _bare(whole: str, decimals: str) -> str:
    if not decimals and "," not in whole and len(whole) == 4 and 1100 <= int(whole) <= 2099:
        return year(int(whole))
    return amount(whole + decimals)
