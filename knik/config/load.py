"""Puts the layers of configuration together and says what is wrong with them."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from knik.config.positions import Key, key_lines
from knik.config.schema import Config, Extra
from knik.errors import KnikError

PREFIX = "KNIK_"
NOT_KEYS = frozenset({"KNIK_CONFIG", "KNIK_DEBUG", "KNIK_HARD_EXIT"})
"""Variables with the prefix that set no key."""

Values = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration and where each of its values comes from.

    Attributes:
        config: The configuration.
        origins: For each dotted key that is not at its default: "file", "environment" or "flag".
        path: The file that was read, or that would be.
    """

    config: Config
    origins: Mapping[str, str]
    path: Path


def default_path(env: Mapping[str, str] = os.environ) -> Path:
    """KNIK_CONFIG, or config.toml in the user's configuration folder (XDG on Linux)."""
    if env.get("KNIK_CONFIG"):
        return Path(env["KNIK_CONFIG"]).expanduser()
    return Path(platformdirs.user_config_dir("knik", appauthor=False)) / "config.toml"


def load(
    path: Path | None = None,
    env: Mapping[str, str] = os.environ,
    flags: Mapping[str, object] | None = None,
) -> Loaded:
    """Read defaults, file, environment and flags, each over the one before.

    Args:
        path: The file; None takes `default_path`, which need not exist.
        env: The environment: KNIK_STT_MODEL sets model in [stt].
        flags: Values by dotted key; None values are left out.

    Raises:
        KnikError: With every wrong key and value, where it stands, and the nearest right one.
    """
    file = path or default_path(env)
    text = _read(file, required=path is not None or bool(env.get("KNIK_CONFIG")))
    in_file = _parse(file, text)
    lines = key_lines(text)
    problems: list[str] = []
    layers = {
        "file": _checked(in_file, problems, lambda key: f"{file}:{_line_of(key, lines)}"),
        # Variables are text, so "1.5" may become a number there and "yes" a truth value.
        "environment": _checked(_from_env(env, problems), problems, _variable, strict=False),
        "flag": _checked(_from_flags(flags or {}), problems, lambda _: "command line"),
    }
    if problems:
        raise KnikError("; ".join(problems), "See config.example.toml for every key.", exit_code=2)
    merged: Values = {}
    origins: dict[str, str] = {}
    for origin, layer in layers.items():
        for section, values in layer.items():
            merged.setdefault(section, {}).update(values)
            origins |= {f"{section}.{name}": origin for name in values}
    return Loaded(Config.model_validate(merged), origins, file)


def _checked(
    values: Mapping[str, object],
    problems: list[str],
    where: Callable[[Key], str],
    *,
    strict: bool | None = None,
) -> Values:
    """The values of one layer in their proper types; what is wrong with them goes into `problems`."""
    try:
        return Config.model_validate(values, strict=strict).model_dump(exclude_unset=True)
    except ValidationError as error:
        for detail in error.errors():
            key = tuple(part for part in detail["loc"] if isinstance(part, str))
            problems.append(f"{where(key)}: {_describe(key, detail)}")
        return {}


def _read(file: Path, *, required: bool) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if not required:
            return ""
        raise KnikError(
            f"{file}: there is no such file.", "Make one: knik config init", exit_code=2
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KnikError(
            f"{file}: cannot be read ({getattr(error, 'strerror', None) or error}).",
            "It has to be a text file in UTF-8 that you may read.",
            exit_code=2,
        ) from error


def _parse(file: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise KnikError(f"{file}: not valid TOML: {error}.", "Mend that line.", exit_code=2) from error


def _from_flags(flags: Mapping[str, object]) -> Values:
    found: Values = {}
    for key, value in flags.items():
        if value is not None:
            section, _, name = key.partition(".")
            found.setdefault(section, {})[name] = value
    return found


def _from_env(env: Mapping[str, str], problems: list[str]) -> Values:
    names = {
        f"{PREFIX}{section}_{key}".upper(): (section, key)
        for section, model in sections().items()
        for key, field in model.model_fields.items()
        # A table of tables is no matter for a variable.
        if not isinstance(field.default, dict)
    }
    found: Values = {}
    for name, value in env.items():
        if not name.startswith(PREFIX) or name in NOT_KEYS:
            continue
        if name not in names:
            problems.append(f"environment: {name} is no key of knik{_nearest(name, list(names))}")
            continue
        section, key = names[name]
        values: object = value
        if isinstance(sections()[section].model_fields[key].default, tuple):
            values = tuple(part.strip() for part in value.split(",") if part.strip())
        found.setdefault(section, {})[key] = values
    return found


def sections() -> dict[str, type[BaseModel]]:
    """The sections by name, in order."""
    return {
        name: field.annotation
        for name, field in Config.model_fields.items()
        if isinstance(field.annotation, type)
    }


def _describe(key: Key, detail: ErrorDetails) -> str:
    name = ".".join(key)
    if detail["type"] == "extra_forbidden":
        known = _known(key)
        return f"{name} is no key of knik{_nearest(key[-1], known)}"
    if detail["type"] == "model_type":
        return f"{name} is a table: write [{name}] and its keys below"
    message = detail["msg"][0].lower() + detail["msg"][1:]
    wrong = detail.get("input")
    choices = re.findall(r"'([^']+)'", message)
    near = _nearest(str(wrong), choices) if detail["type"] == "literal_error" else ""
    return f"{name} = {wrong!r}: {message}{near}"


def _known(key: Key) -> list[str]:
    """The keys that could have been meant instead of the last part of `key`."""
    if not key[1:]:
        return list(sections())
    return list(Extra.model_fields if key[3:] else sections()[key[0]].model_fields)


def _nearest(wrong: str, known: list[str]) -> str:
    near = difflib.get_close_matches(wrong.casefold(), [k.casefold() for k in known], 1, 0.5)
    original = {k.casefold(): k for k in known}
    return f"; did you mean {original[near[0]]}?" if near else ""


def _variable(key: Key) -> str:
    return f"environment: {PREFIX}{'_'.join(key).upper()}"


def _line_of(key: Key, lines: Mapping[Key, int]) -> int:
    """The line on which a key, or else its table, stands; 1 if neither is found."""
    return next((lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in lines), 1)
