"""Signs between words."""

import re

_BETWEEN = (
    (re.compile(r"\s&\s|(?<=\w)&(?=\w)"), " and "),
    (re.compile(r"\s*(?:->|=>)\s*"), " to "),
    (re.compile(r"(?<=\w)\s\+\s(?=\w)|(?<=\d)\+(?=\d)"), " plus "),
    (re.compile(r"(?<=\w)\s?[×]\s?(?=\w)|(?<=\w)\s[*x]\s(?=\w)"), " times "),
    (re.compile(r"(?<=\w)\s?÷\s?(?=\w)"), " divided by "),
    (re.compile(r"\s?(?:!=|≠)\s?"), " is not equal to "),
    (re.compile(r"\s?(?:<=|≤)\s?"), " is at most "),
    (re.compile(r"\s?(?:>=|≥)\s?"), " is at least "),
    (re.compile(r"\s?≈\s?"), " is about "),
    (re.compile(r"\s?={1,3}\s?"), " equals "),
    (re.compile(r"(?<=\w)\s<\s(?=\w)"), " is less than "),
    (re.compile(r"(?<=\w)\s>\s(?=\w)"), " is greater than "),
    (re.compile(r"\s@\s"), " at "),
    (re.compile(r"(?<=\w)\s[-–]\s(?=\w)|\s?—\s?|\s–\s"), ", "),
    (re.compile(r"(?<=\w)\s?/\s?(?=\w)"), " "),
    (re.compile(r"[~^<>{}\[\]\\|]+"), " "),
    (re.compile(r"(?<!\w)[#*_]+|[#*_]+(?!\w)"), " "),
    (re.compile(r"_+"), " "),
)


def spoken(text: str) -> str:
    """R&D becomes "R and D", 2 + 2 = 4 "2 plus 2 equals 4"; what has no sound is left out."""
    for pattern, words in _BETWEEN:
        text = pattern.sub(words, text)
    return text
