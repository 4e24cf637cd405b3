"""Numbers in words and figures, read and written."""

import re

_UNITS = {
    name: value
    for value, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split()
    )
}
_TENS = {
    name: 10 * value
    for value, name in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
NUMBER_WORDS = frozenset({*_UNITS, *_TENS, *_SCALES, "a", "an", "and", "point", "half"})
_FIGURES = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?")


def parse_number(text: str) -> float | None:
    """The value of "twenty five", "25", "two and a half" or "three point one four", else None."""
    text = text.replace("-", " ").strip() if not _FIGURES.fullmatch(text) else text
    if _FIGURES.fullmatch(text):
        return float(text)
    half = text.endswith(" and a half")
    text = text.removesuffix(" and a half")
    if text in ("half", "half a", "half an", "a half"):
        return 0.5
    whole, _, decimals = text.partition(" point ")
    value = _whole(whole.split())
    if value is None:
        return None
    if decimals:
        figures = [_UNITS.get(word, -1) for word in decimals.split()]
        if not all(0 <= figure <= 9 for figure in figures):
            return None
        value += float("0." + "".join(map(str, figures)))
    return value + 0.5 if half else value


def _whole(words: list[str]) -> float | None:
    words = [word for word in words if word != "and"]
    if not words:
        return None
    total = part = 0.0
    for position, word in enumerate(words):
        if word in ("a", "an") and position == 0:
            part = 1
        elif word in _UNITS:
            part += _UNITS[word]
        elif word in _TENS:
            part += _TENS[word]
        elif word == "hundred":
            part = (part or 1) * 100
        elif word in _SCALES:
            total, part = total + (part or 1) * _SCALES[word], 0
        elif _FIGURES.fullmatch(word):
            part += float(word)
        else:
            return None
    return total + part


def say_number(value: float) -> str:
    """A number to be spoken: whole where it is, else rounded to four significant decimals."""
    if abs(value - round(value)) < 1e-9 * max(1.0, abs(value)):
        return f"{round(value):,}"
    return f"{value:,.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 else f"{value:.2g}"
