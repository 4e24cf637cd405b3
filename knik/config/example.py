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
            if isinstance(field.default, dict):
                # A key with a value would forbid the tables that a user adds below it.
                tables = "".join(
                    _table(f"{name}.{key}.{k}", v) for e in field.examples or [] for k, v in e.items()
                )
                parts.append(f"{comment}\n{tables}")
            else:
                parts.append(f"{comment}\n{key} = {toml_value(field.default)}\n")
    return "".join(parts)


def _table(name: str, values: Mapping[str, object]) -> str:
    """A table as an example that changes nothing."""
    return "".join(
        f"# {line}\n" for line in [f"[{name}]", *(f"{k} = {toml_value(v)}" for k, v in values.items())]
    )


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
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{json.dumps(str(key))} = {toml_value(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
