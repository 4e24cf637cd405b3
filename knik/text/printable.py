"""Text from elsewhere, without what a terminal or a voice must never get."""

import unicodedata


def printable(text: str) -> str:
    """Without control and format characters (escape sequences would drive the terminal), lone surrogates
    and private-use characters. Line breaks and the joiner of emoji stay, tabs become spaces."""
    return "".join(map(_kept, text))


def _kept(char: str) -> str:
    if char in "\n\u200d":
        return char
    if char == "\t":
        return " "
    return "" if unicodedata.category(char)[0] == "C" else char
