"""URLs and e-mail addresses."""

import re

_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"')\]]{1,2000}|\b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.(?:com|org|net|io|dev)\b"
    r"(?:/[^\s<>\"')\]]{0,2000})?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?", re.IGNORECASE)
_MARKS = {".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "@": " at ", "+": " plus "}


def spoken(text: str) -> str:
    """A URL becomes its host and path, "example dot com slash docs"; its query is left out."""
    return _URL.sub(_url, _EMAIL.sub(lambda match: _spell(match.group()), text))


def _url(match: re.Match[str]) -> str:
    url = match.group()
    address = url.rstrip(".,;:!?")
    end = url[len(address) :]
    address = re.split(r"[?#]", _SCHEME.sub("", address), maxsplit=1)[0].strip("/")
    return _spell(address) + end


def _spell(address: str) -> str:
    return " ".join("".join(_MARKS.get(char, char) for char in address).split())
