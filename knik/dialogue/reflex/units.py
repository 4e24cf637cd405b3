"""Conversion of units."""

import re

from knik.dialogue.reflex.figures import parse_number, say_number
from knik.dialogue.reflex.types import Answer, ReflexContext

_SCALES: dict[str, dict[str, float]] = {
    "length": {
        "millimeter": 0.001, "centimeter": 0.01, "meter": 1.0, "kilometer": 1000.0, "inch": 0.0254,
        "foot": 0.3048, "yard": 0.9144, "mile": 1609.344,
    },
    "mass": {
        "milligram": 1e-6, "gram": 0.001, "kilogram": 1.0, "kilo": 1.0, "ton": 1000.0,
        "ounce": 0.028349523125, "pound": 0.45359237, "stone": 6.35029318,
    },
    "volume": {
        "milliliter": 0.001, "liter": 1.0, "teaspoon": 0.00492892159375,
        "tablespoon": 0.01478676478125, "cup": 0.2365882365, "pint": 0.473176473,
        "quart": 0.946352946, "gallon": 3.785411784,
    },
    "time": {
        "second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0,
    },
}  # fmt: skip
"""Each unit in the base unit of its kind: meter, kilogram, liter, second. Inch, pound and gallon by
their exact definitions (NIST SP 811, appendix B; US measures for volume)."""

_PLURALS = {"inches": "inch", "feet": "foot", "metre": "meter", "metres": "meter", "litres": "liter"}
_TEMPERATURES = {"celsius": "celsius", "centigrade": "celsius", "fahrenheit": "fahrenheit"}
_HOW_MANY = re.compile(r"how many (?P<to>[a-z ]+?) (?:are |is |equal )?(?:there )?(?:in|is|are) (?P<from>.+)")
_CONVERT = re.compile(
    r"(?:convert |what(?:'s| is) |how much is )?(?P<from>.+?) (?:to|in|into) (?P<to>[a-z ]+)"
)


def answer(text: str, context: ReflexContext) -> Answer | None:  # noqa: ARG001
    """Answers when the whole utterance asks for one conversion."""
    match = _HOW_MANY.fullmatch(text) or _CONVERT.fullmatch(text)
    if match is None:
        return None
    source = match["from"].replace("°", " degrees ").split()
    if not source:
        return None
    unit, target = _unit(source[-1]), _unit(match["to"].split()[-1])
    figures = " ".join(word for word in source[:-1] if word not in ("degrees", "degree"))
    number = parse_number(figures or "one")
    if number is None or unit is None or target is None:
        return None
    value = _convert(number, unit, target)
    if value is None:
        return None
    return Answer(f"{_say(number, unit)} {'is' if number == 1 else 'are'} {_say(value, target)}.")


def _unit(word: str) -> str | None:
    if word in _TEMPERATURES:
        return _TEMPERATURES[word]
    word = _PLURALS.get(word, word).replace("metre", "meter").replace("litre", "liter")
    for name in (word, word.removesuffix("s")):
        if any(name in scale for scale in _SCALES.values()):
            return name
    return None


def _convert(number: float, unit: str, target: str) -> float | None:
    if {unit, target} == {"celsius", "fahrenheit"}:
        return number * 9 / 5 + 32 if unit == "celsius" else (number - 32) * 5 / 9
    for scale in _SCALES.values():
        if unit in scale and target in scale:
            return number * scale[unit] / scale[target]
    return None


def _say(number: float, unit: str) -> str:
    rounded = round(number, 2) if abs(number) >= 1 else number
    plural = rounded != 1
    if unit in _TEMPERATURES:
        return f"{say_number(rounded)} degree{'s' if plural else ''} {unit.capitalize()}"
    names = {"foot": "feet", "inch": "inches", "stone": "stone"}
    return f"{say_number(rounded)} {names.get(unit, unit + 's') if plural else unit}"
