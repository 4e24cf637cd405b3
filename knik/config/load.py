"""Puts the layers of configuration together and says what is wrong with them."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from knik.config.schema import Config
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
    problems: list[str] = []
    in_env = _from_env(env, problems)
    in_flags: Values = {}
    for key, value in (flags or {}).items():
        if value is not None:
            section, _, name = key.partition(".")
            in_flags.setdefault(section, {})[name] = value
    origins: dict[str, str] = {}
    merged: Values = {}
    for origin, layer in (("file", in_file), ("environment", in_env), ("flag", in_flags)):
        for section, values in layer.items():
            if not isinstance(values, dict):
                merged[section] = values
                origins[section] = origin
                continue
            target = merged.setdefault(section, {})
            for name, value in values.items():
                target[name] = value
                origins[f"{section}.{name}"] = origin
    try:
        config = Config.model_validate(merged)
    except ValidationError as error:
        problems += [_describe(detail, origins, file, text) for detail in error.errors()]
    if problems:
        raise KnikError("; ".join(problems), "See config.example.toml for every key.", exit_code=2)
    return Loaded(config, origins, file)


def _read(file: Path, *, required: bool) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not required:
            return ""
        raise KnikError(
            f"{file}: there is no such file.", "Make one: knik config init", exit_code=2
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KnikError(f"{file}: cannot be read ({error}).", exit_code=2) from error


def _parse(file: Path, text: str) -> Values:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnikError(f"{file}: not valid TOML: {error}.", "Mend that line.", exit_code=2) from error


def _from_env(env: Mapping[str, str], problems: list[str]) -> Values:
    names = {
        f"{PREFIX}{section}_{key}".upper(): (section, key)
        for section, model in sections().items()
        for key in model.model_fields
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


def _describe(detail: ErrorDetails, origins: Mapping[str, str], file: Path, text: str) -> str:
    location = [str(part) for part in detail["loc"]]
    section, key = location[0], ".".join(location[:2])
    origin = origins.get(key, origins.get(section, "file"))
    name = location[1] if len(location) > 1 else ""
    where = {
        "file": f"{file}:{_line_of(text, section, name)}",
        "environment": f"environment: {PREFIX}{key.replace('.', '_').upper()}",
        "flag": "command line",
    }[origin]
    if detail["type"] == "extra_forbidden":
        known = list(sections()) if not name else list(sections()[section].model_fields)
        return f"{where}: {key} is no key of knik{_nearest(location[-1], known)}"
    message = detail["msg"][0].lower() + detail["msg"][1:]
    wrong = detail.get("input")
    choices = re.findall(r"'([^']+)'", message)
    near = _nearest(str(wrong), choices) if detail["type"] == "literal_error" else ""
    return f"{where}: {key} = {wrong!r}: {message}{near}"


def _nearest(wrong: str, known: list[str]) -> str:
    near = difflib.get_close_matches(wrong.casefold(), [k.casefold() for k in known], 1, 0.5)
    original = {k.casefold(): k for k in known}
    return f"; did you mean {original[near[0]]}?" if near else ""


def _line_of(text: str, section: str, key: str) -> int:
    """The line on which a key, or else its section, stands; 1 if neither is found."""
    current, best = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            current = header[1]
            if current == section:
                best = number
        elif assigned := re.match(r"\s*([\w.-]+)\s*=", line):
            name = f"{current}.{assigned[1]}" if current else assigned[1]
            if name in (f"{section}.{key}", section if not key else None):
                return number
    return best
