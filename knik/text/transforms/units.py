"""Units of measure behind a number."""

import re

_UNITS = {
    "km/h": "kilometers per hour", "m/s": "meters per second", "mph": "miles per hour",
    "km": "kilometers", "cm": "centimeters", "mm": "millimeters", "m": "meters", "mi": "miles",
    "ft": "feet", "yd": "yards", "kg": "kilograms", "mg": "milligrams", "g": "grams",
    "lb": "pounds", "lbs": "pounds", "oz": "ounces", "ml": "milliliters", "mL": "milliliters",
    "l": "liters", "L": "liters", "TB": "terabytes", "GB": "gigabytes", "MB": "megabytes",
    "KB": "kilobytes", "kB": "kilobytes", "Mbps": "megabits per second", "GHz": "gigahertz",
    "MHz": "megahertz", "kHz": "kilohertz", "Hz": "hertz", "kWh": "kilowatt hours",
    "kW": "kilowatts", "W": "watts", "V": "volts", "ms": "milliseconds", "min": "minutes",
    "sec": "seconds", "s": "seconds", "hr": "hours", "hrs": "hours", "h": "hours",
    "°C": "degrees Celsius", "°F": "degrees Fahrenheit", "°": "degrees", "km²": "square kilometers",
    "m²": "square meters", "m³": "cubic meters", "dB": "decibels", "x": "times",
}  # fmt: skip
_BEHIND_NUMBER = re.compile(
    r"(?<![\w.])(\d[\d,]{0,14}(?:\.\d{1,9})?)(\s?)("
    + "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
    + r")(?![\w°²³/])"
)
_HEIGHT = re.compile(r"(?<!\w)(\d)['′](\d{1,2})[\"″]")
_ONE = {"feet": "foot", "degrees Celsius": "degree Celsius", "degrees Fahrenheit": "degree Fahrenheit"}
_SPACED_LETTERS = frozenset("lx")


def spoken(text: str) -> str:
    """5 km becomes "5 kilometers", 1 ft "1 foot"; the number itself is left to others."""
    text = _HEIGHT.sub(r"\1 feet \2", text)
    return _BEHIND_NUMBER.sub(_unit, text)


def _unit(match: re.Match[str]) -> str:
    figures, space, unit = match.groups()
    # "2 x 3" is a product, "3x" a multiple.
    if unit in _SPACED_LETTERS and space:
        return match.group()
    name = _UNITS[unit]
    if figures == "1" and name not in ("hertz", "times"):
        head, _, tail = name.partition(" per ")
        head = _ONE.get(head, head.removesuffix("s"))
        name = f"{head} per {tail}" if tail else head
    return f"{figures} {name}"
