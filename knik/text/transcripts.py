"""What a transcriber wrote, cleaned of what nobody said."""

import re
import zlib

from knik.text.printable import printable

COMPRESSION_RATIO_LIMIT = 2.4
"""Text that zlib shrinks by more is a loop (openai/whisper, `compression_ratio_threshold`)."""

LONGEST = 4_000

KNOWN_INVENTIONS = frozenset(
    {
        "thank you for watching",
        "thanks for watching",
        "thank you for watching and see you next time",
        "please subscribe",
        "please subscribe to my channel",
        "like and subscribe",
        "subscribe to my channel",
        "see you in the next video",
        "see you next time",
        "you",
        "subtitles by the amara org community",
        "transcription by castingwords",
    }
)
"""What Whisper writes for silence and noise, since the subtitles that it learned from say so there."""

_TAGS = re.compile(r"\[[^\]\n]{0,40}\]|\([^)\n]{0,40}\)|<\|[^|]{0,40}\|>|[♪♫]+")
_NOT_WORD = re.compile(r"[^\w\s]+|_")


def clean_transcript(text: str) -> str:
    """The words without "[BLANK_AUDIO]", "(music)", control characters and double spaces; empty when no
    word is left. Nobody says more than `LONGEST` characters in one utterance."""
    text = " ".join(_TAGS.sub(" ", printable(text[:LONGEST])).split())
    return text if any(char.isalnum() for char in text) else ""


def is_repetitive(text: str) -> bool:
    """Whether the text is a loop such as "the the the the the the"."""
    data = text.strip().encode("utf-8", "replace")
    if len(data) < 24:
        return False
    return len(data) / len(zlib.compress(data)) > COMPRESSION_RATIO_LIMIT


def is_known_invention(text: str) -> bool:
    """Whether the whole text is one of `KNOWN_INVENTIONS`, in any case and punctuation."""
    plain = " ".join(_NOT_WORD.sub(" ", text.casefold()).split())
    return plain in KNOWN_INVENTIONS or plain.startswith(("subtitles by", "transcribed by"))


def invention(text: str) -> str:
    """Why the text is an invention, "repetition" or "known phrase"; empty when it is none."""
    if is_known_invention(text):
        return "known phrase"
    return "repetition" if is_repetitive(text) else ""
