"""Help that reads like a page of a manual: what a command does, its options in groups, examples.

It is plain text in sections. Typer's own drawing of help with Rich takes several times as long, because it
imports a Markdown parser and a syntax highlighter first (benchmarks/start.py).
"""

import inspect
import os
from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])
WIDTH = 100
"""Columns that a page has at most; a narrower terminal has its own width."""


def _bold(text: str) -> str:
    # Typer takes the codes out again where stdout is no terminal.
    return text if os.environ.get("NO_COLOR") else typer.style(text, bold=True)


def _pass_absent(param: Any) -> None:
    """Let the parameter pass unchecked when it is not given.

    Typer checks every value with pydantic, also None, and importing that takes longer than all the rest.
    """
    if "process_value" in vars(param) or param.required:
        return
    check = param.process_value
    nothing = () if param.multiple or param.nargs == -1 else None

    def process(ctx: Any, value: object) -> object:
        if value not in (None, ()):
            return check(ctx, value)
        return param.callback(ctx, param, nothing) if param.callback else nothing

    param.process_value = process


class _Page:
    """Takes options quickly; writes them in their groups, and the epilog in sections."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the options; what is not given needs no check."""
        for param in self.get_params(ctx):  # type: ignore[attr-defined]
            _pass_absent(param)
        rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        return rest

    def format_options(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):  # type: ignore[attr-defined]
            record = param.get_help_record(ctx)
            if record is not None:
                plain = "Arguments" if param.param_type_name == "argument" else "Options"
                groups.setdefault(param.rich_help_panel or plain, []).append(record)
        rest = groups.pop("Options", [])
        for name, records in (*groups.items(), ("Options", rest)):
            if records:
                with formatter.section(_bold(name)):
                    formatter.write_dl(records)

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Sections: a heading ends with a colon; below it, two blanks part a thing from what it is."""
        sections: list[tuple[str, list[tuple[str, str]]]] = []
        for line in inspect.cleandoc(self.epilog or "").splitlines():  # type: ignore[attr-defined]
            if line.endswith(":") and not line.startswith(" "):
                sections.append((line[:-1], []))
            elif line:
                thing, _, meaning = line.strip().partition("  ")
                sections[-1][1].append((thing, meaning.strip()))
        for heading, rows in sections:
            with formatter.section(_bold(heading)):
                # What does not fit beside a long example stands on the next line.
                formatter.write_dl(rows, col_max=formatter.width // 2)


class ManualCommand(_Page, TyperCommand):
    """A command with such a page."""


class ManualGroup(_Page, TyperGroup):
    """A group of commands with such a page."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The commands, each with its whole first sentence, then the options."""
        shown = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(2 * WIDTH)) for name, one in shown if one and not one.hidden]
        with formatter.section(_bold("Commands")):
            formatter.write_dl(rows)
        super().format_options(ctx, formatter)


class App(typer.Typer):
    """Commands whose help is such a page; without arguments it is shown.

    Args:
        help: What the commands are for, in paragraphs.
        epilog: Sections such as "Examples:", with a line for each thing: "knik chat  talk, hands-free".
        settings: What else `typer.Typer` takes.
    """

    def __init__(self, *, help: str, epilog: str = "", **settings: Any) -> None:
        super().__init__(
            cls=ManualGroup,
            help=help,
            epilog=epilog,
            no_args_is_help=True,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            context_settings={"max_content_width": WIDTH},
            **settings,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[FunctionT], FunctionT]:
        """Like `typer.Typer.command`, for a command with a page."""
        return super().command(name, **{"cls": ManualCommand, **settings})
