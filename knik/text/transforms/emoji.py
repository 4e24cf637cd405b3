"""Emoji and pictographs: left out, as a person reading aloud would."""

import re

_PICTURES = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U0001f1e6-\U0001f1ff"
    "\U0000fe0f\U0000200d\U000020e3\U00002190-\U000021ff]+"
)
_ARROWS = re.compile("[\u2192\u21d2\u27a1\u279c]")
_SPOKEN = {"❤": " heart ", "👍": " thumbs up ", "👎": " thumbs down "}


def spoken(text: str) -> str:
    """Without pictures; those that stand for a word on their own are named."""
    text = _ARROWS.sub(" to ", text)
    alone = text.strip().replace("\ufe0f", "")
    if alone in _SPOKEN:
        return _SPOKEN[alone]
    return _PICTURES.sub(" ", text)
