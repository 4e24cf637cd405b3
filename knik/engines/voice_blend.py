"""Names of Kokoro's voices: blends of them, and the language that a name begins with."""

import difflib
from collections.abc import Collection

from knik.errors import KnikError

LANGUAGES = {
    "a": "en-us",
    "b": "en-gb",
    "e": "es",
    "f": "fr-fr",
    "h": "hi",
    "i": "it",
    "j": "ja",
    "p": "pt-br",
    "z": "cmn",
}
"""The language of a voice by the first letter of its name (Kokoro's VOICES.md), as espeak-ng calls it."""

ESPEAK_NAMES = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br", "zh": "cmn", "zh-cn": "cmn"}
"""Common codes that espeak-ng knows under another name."""

_GENDERS = {"f": "female", "m": "male"}

Blend = tuple[tuple[str, float], ...]
"""Voices and their shares, which add up to 1."""


def parse_blend(spec: str, known: Collection[str]) -> Blend:
    """Read "af_sky" or "af_sky:0.6,bf_emma:0.4"; a voice without a weight weighs 1.

    Raises:
        KnikError: A voice is unknown (the nearest ones are named) or a weight is not positive.
    """
    weights: dict[str, float] = {}
    for part in spec.split(","):
        name, _, weight = (field.strip() for field in part.partition(":"))
        if name not in known:
            raise _unknown(name, known)
        weights[name] = weights.get(name, 0.0) + _weight(weight, spec)
    total = sum(weights.values())
    return tuple((name, weight / total) for name, weight in weights.items())


def language_of(blend: Blend) -> str:
    """The language of the heaviest voice; American English where the name tells none."""
    name = max(blend, key=lambda share: share[1])[0]
    return LANGUAGES.get(name[:1], "en-us")


def espeak_language(code: str) -> str:
    """A BCP 47 code such as "en-GB" or "pt" as espeak-ng's voice name."""
    code = code.casefold().replace("_", "-")
    return ESPEAK_NAMES.get(code, code)


def describe_voice(name: str) -> str:
    """ "female" or "male", where the name tells."""
    return _GENDERS.get(name[1:2], "") if name[2:3] == "_" else ""


def _weight(text: str, spec: str) -> float:
    try:
        weight = float(text) if text else 1.0
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise KnikError(
            f'"{text}" is no weight in the blend "{spec}".',
            "Write positive numbers: af_sky:0.6,bf_emma:0.4",
            exit_code=2,
        )
    return weight


def _unknown(name: str, known: Collection[str]) -> KnikError:
    near = difflib.get_close_matches(name, known, 3, 0.4) or sorted(known)[:3]
    return KnikError(
        f'Kokoro has no voice "{name}"; near it are {", ".join(near)}.',
        "See: knik say --list-voices",
        exit_code=2,
    )
