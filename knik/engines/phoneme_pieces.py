"""Cuts a text so that the phonemes of each piece fit into the voice model."""

from collections.abc import Callable, Iterator

_MARKS = (".", "!", "?", "…", ";", ":", ",")


def phoneme_pieces(text: str, phonemize: Callable[[str], str], limit: int) -> Iterator[tuple[str, str]]:
    """Yield pieces of the text and their phonemes, at most `limit` of them each.

    A text that is too long is cut near its middle, behind a punctuation mark if there is one, else
    between words; of a single word that is too long the phonemes are cut, and the word goes with the
    first piece. Pieces with nothing but punctuation
    are left out.
    """
    phonemes = " ".join(phonemize(text).split())
    words = text.split()
    if len(phonemes) <= limit:
        if any(phoneme.isalpha() for phoneme in phonemes):
            yield text, phonemes
    elif len(words) == 1:
        for start in range(0, len(phonemes), limit):
            yield (text if start == 0 else ""), phonemes[start : start + limit]
    else:
        cut = _cut(words)
        for half in (words[:cut], words[cut:]):
            yield from phoneme_pieces(" ".join(half), phonemize, limit)


def _cut(words: list[str]) -> int:
    """How many words go into the first half; at least one stays for the second."""
    middle = len(words) / 2
    marks = [i for i, word in enumerate(words[:-1], 1) if word.endswith(_MARKS)]
    near = [i for i in marks if abs(i - middle) <= middle / 2]
    return min(near, key=lambda i: abs(i - middle), default=max(1, int(middle)))
