"""Amounts of money."""

import re

from knik.text.transforms.numbers import amount, cardinal

_NAMES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
}
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_FIGURES = r"(\d{1,3}(?:,\d{3})+|\d{1,15})(\.\d{1,2})?(?!\d)"
_LARGE = r"(?:\s?(million|billion|trillion|thousand|[kKmMbB])\b)?"
_SYMBOL_FIRST = re.compile(rf"([$€£¥])\s?{_FIGURES}{_LARGE}")
_CODE_LAST = re.compile(rf"(?<![\w.]){_FIGURES}{_LARGE}\s?(USD|EUR|GBP|JPY|[€£¥])")
_SIZES = {"k": "thousand", "m": "million", "b": "billion"}


def spoken(text: str) -> str:
    """$5.50 becomes "five dollars and fifty cents", €1.2 million "one point two million euros"."""
    text = _SYMBOL_FIRST.sub(lambda m: _say(m[1], m[2], m[3], m[4]), text)
    return _CODE_LAST.sub(lambda m: _say(_CODES.get(m[4], m[4]), m[1], m[2], m[3]), text)


def _say(symbol: str, whole: str, decimals: str | None, size: str | None) -> str:
    one, many, small_one, small_many = _NAMES[symbol]
    decimals = decimals or ""
    if size:
        return f"{amount(whole + decimals)} {_SIZES.get(size.lower(), size)} {many}"
    count = int(whole.replace(",", ""))
    words = f"{cardinal(count)} {one if count == 1 else many}"
    cents = int(decimals[1:].ljust(2, "0")) if decimals else 0
    if not cents or not small_one:
        return words
    return f"{words} and {cardinal(cents)} {small_one if cents == 1 else small_many}"
