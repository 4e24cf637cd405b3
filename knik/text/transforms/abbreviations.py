"""Abbreviations that are spoken in full."""

import re

_FULL = {
    "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Dr.": "Doctor", "Prof.": "Professor",
    "Jr.": "Junior", "Sr.": "Senior", "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera",
    "vs.": "versus", "vs": "versus", "approx.": "approximately", "dept.": "department",
    "a.k.a.": "also known as", "w/o": "without", "w/": "with", "cf.": "compare", "Fig.": "Figure",
    "Vol.": "Volume", "Inc.": "Incorporated", "Ltd.": "Limited", "Co.": "Company",
}  # fmt: skip
_ANY = re.compile(
    r"(?<!\w)(" + "|".join(re.escape(a) for a in sorted(_FULL, key=len, reverse=True)) + r")(?!\w)"
)
_SAINT = re.compile(r"\bSt\.(?=\s[A-Z])")
_STREET = re.compile(r"(?<=\w\s)St\.(?=\s|$|,)")
_NUMBER = re.compile(r"\b[Nn]o\.\s?(?=\d)|(?<!\w)#(?=\d)")
_KINGS = re.compile(
    r"\b(Henry|Louis|George|Elizabeth|Charles|Edward|James|William|Pope \w+|John Paul|Napoleon)\s"
    r"([IVX]{1,6})\b"
)
_SECTION = re.compile(r"\b(Chapter|Part|Act|Volume|Book|World War)\s([IVX]{1,6})\b")
_ROMAN = {"I": 1, "V": 5, "X": 10}


def spoken(text: str) -> str:
    """Dr. Smith becomes "Doctor Smith", No. 5 "number 5", Henry VIII "Henry the eighth"."""
    text = _STREET.sub("Street", _SAINT.sub("Saint", text))
    text = _NUMBER.sub("number ", text)
    text = _KINGS.sub(lambda m: f"{m[1]} the {roman(m[2])}{_suffix(roman(m[2]))}", text)
    text = _SECTION.sub(lambda m: f"{m[1]} {roman(m[2])}", text)
    return _ANY.sub(_replace, text)


def _replace(match: re.Match[str]) -> str:
    full = _FULL[match.group()]
    ends_text = not match.string[match.end() :].strip()
    return f"{full}." if ends_text and match.group().endswith(".") else full


def roman(numeral: str) -> int:
    """The value of a Roman numeral made of I, V and X."""
    values = [_ROMAN[char] for char in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def _suffix(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
