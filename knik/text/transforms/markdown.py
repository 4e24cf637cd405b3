"""Markdown and HTML: only the words remain."""

import re

_FENCE = re.compile(r"```[^\n`]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_CODE = re.compile(r"`{1,2}([^`\n]+)`{1,2}")
_IMAGE = re.compile(r"!\[([^\]\n]{0,300})\]\([^)\n]{0,2000}\)")
_LINK = re.compile(r"\[([^\]\n]{1,300})\]\([^)\n]{0,2000}\)")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_RULE = re.compile(r"^[ \t]*(?:[-*_][ \t]*){3,}$", re.MULTILINE)
_TABLE_RULE = re.compile(r"^[ \t]*\|?[ \t:|-]*-[ \t:|-]*\|[ \t:|-]*$", re.MULTILINE)
_PREFIX = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>+[ \t]?|[-*+•][ \t]+(?:\[[ xX]\][ \t]+)?)", re.MULTILINE)
_NUMBERED = re.compile(r"^[ \t]*(\d{1,3})[.)][ \t]+", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_UNDERLINE = re.compile(r"(?<!\w)(_{1,3})(?=\S)([^_\n]+?)(?<=\S)\1(?!\w)")
_STRIKE = re.compile(r"~~([^~\n]+)~~")
_LEFTOVER = re.compile(r"\*{2,}|(?<!\w)\*(?=\w)|(?<=[\w.,!?])\*(?!\w)|`+|^#+(?=\s|$)", re.MULTILINE)
_BLANKS = re.compile(r"[ \t]{2,}")
_CELL = re.compile(r"[ \t]*\|[ \t]*")

LONGEST_SPOKEN_CODE = 60
"""Characters of a code block that are still read out."""


def spoken(text: str) -> str:
    """Without markup; a long code block becomes "code omitted", a list item its words."""
    text = _FENCE.sub(_code_block, text)
    text = _CODE.sub(r"\1", text)
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    # A long run of blanks costs the patterns for rules and prefixes its square.
    text = _BLANKS.sub(" ", _TAG.sub(" ", text))
    text = _TABLE_RULE.sub("", _RULE.sub("", text))
    text = _PREFIX.sub("", text)
    text = _NUMBERED.sub(r"\1: ", text)
    for pattern in (_EMPHASIS, _UNDERLINE):
        text = pattern.sub(r"\2", pattern.sub(r"\2", text))
    text = _LEFTOVER.sub("", _STRIKE.sub(r"\1", text))
    return _CELL.sub(", ", text).strip(", ") if "|" in text else text


def _code_block(match: re.Match[str]) -> str:
    code = match.group(1).strip()
    return f" {code} " if len(code) <= LONGEST_SPOKEN_CODE and "\n" not in code else " code omitted. "
