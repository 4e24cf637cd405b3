"""On which line of a TOML text each key stands, so that a mistake can be pointed at."""

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

Key = tuple[str, ...]
"""A key with its tables, such as ("stt", "model")."""

_TOKEN = re.compile(
    r"""
      (?P<string>"{3}(?:\\.|[^\\])*?"{3,5} | '{3}.*?'{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*')
    | (?P<newline>\n)
    | (?P<skipped>\#[^\n]* | [^\S\n]+)
    | (?P<mark>[\[\]{}=,.])
    | (?P<bare>[^\s\[\]{}=,."'\#]+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    text: str
    line: int


def key_lines(text: str) -> dict[Key, int]:
    """The line, from 1, on which each key and table first stands.

    Args:
        text: Valid TOML: tomllib must have read it. Strings over several lines, inline tables, dotted
            and quoted keys are understood.
    """
    return _Scanner(text).lines


class _Scanner:
    """Walks once over the tokens; only keys matter, values are stepped over."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Key, int] = {}
        self._tokens = [*_tokens(text), _Token("", 0)]
        self._at = 0
        table: Key = ()
        while self._peek:
            if self._peek == "\n":
                self._next()
            elif self._peek == "[":
                while self._peek == "[":
                    self._next()
                table = self._key((), "]")
                while self._peek not in ("\n", ""):
                    self._next()
            else:
                self._pair(table)

    @property
    def _peek(self) -> str:
        return self._tokens[self._at].text

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        if token.text:
            self._at += 1
        return token

    def _key(self, table: Key, end: str) -> Key:
        """Read a dotted key up to `end`, and note the line of each of its parts."""
        path = table
        while self._peek not in (end, "\n", ""):
            token = self._next()
            if token.text != ".":
                path = (*path, _unquoted(token.text))
                self.lines.setdefault(path, token.line)
        self._next()
        return path

    def _pair(self, table: Key) -> None:
        self._value(self._key(table, "="))

    def _value(self, path: Key) -> None:
        if self._peek == "{":
            self._next()
            while self._peek not in ("}", ""):
                if self._peek in (",", "\n"):
                    self._next()
                else:
                    self._pair(path)
            self._next()
        elif self._peek == "[":
            self._next()
            while self._peek not in ("]", ""):
                if self._peek in (",", "\n"):
                    self._next()
                else:
                    self._value(path)
            self._next()
        else:
            while self._peek not in (",", "]", "}", "\n", ""):
                self._next()


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "skipped":
            yield _Token(match[0], line)
        line += match[0].count("\n")


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    (name,) = tomllib.loads(f"{key} = 0")
    return name
