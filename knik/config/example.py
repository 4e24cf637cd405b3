"""The configuration as TOML: the example file and what `knik config show` prints."""

import json
import textwrap
from collections.abc import Mapping

from knik.config.load import sections
from knik.config.schema import Config

HEADER = """\
# Every key of knik with its default. Copy what you want to change to the file that
# `knik config path` names, or let `knik config init` write this text there.
# Each key is also an environment variable: KNIK_STT_MODEL sets model in [stt].
"""


def example() -> str:
    """config.example.toml, made from the schema."""
    parts = [HEADER]
    for name, model in sections().items():
        parts.append(f"\n# {(model.__doc__ or '').strip()}\n[{name}]\n")
        for key, field in model.model_fields.items():
            comment = textwrap.fill(field.description or "", 96, initial_indent="# ", subsequent_indent="# ")
            parts.append(f"{comment}\n{key} = {toml_value(field.default)}\n")
    return "".join(parts)


def show(config: Config, origins: Mapping[str, str] | None = None) -> str:
    """The configuration in force; with `origins`, each value says where it comes from."""
    lines: list[str] = []
    for section, values in config.model_dump().items():
        lines += ["", f"[{section}]"] if lines else [f"[{section}]"]
        for key, value in values.items():
            origin = ""
            if origins is not None:
                origin = f"  # {origins.get(f'{section}.{key}', 'default')}"
            lines.append(f"{key} = {toml_value(value)}{origin}")
    return "\n".join(lines) + "\n"


def toml_value(value: object) -> str:
    """A value as TOML; JSON's strings, numbers and lists are TOML's too."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
