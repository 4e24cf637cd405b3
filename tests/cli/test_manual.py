"""Every command's page: that it is there, that its examples are right, and that it comes at once."""

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import typer

from knik.cli.app import app

ROOT: Any = typer.main.get_command(app)


def pages(command: Any = ROOT, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every command and group of commands, with the words that name it."""
    found = [(path, command)]
    for name, below in getattr(command, "commands", {}).items():
        found += pages(below, (*path, name))
    return found


PAGES = pages()


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def page(command: Any, path: tuple[str, ...]) -> str:
    with command.make_context(" ".join(("knik", *path)), [], resilient_parsing=True) as context:
        return str(command.get_help(context))


def examples(text: str) -> list[list[str]]:
    """The words of every call of knik among the examples; pipes and redirections end a call."""
    block = text.partition("\nExamples:\n")[2].partition("\n\n")[0]
    calls: list[list[str]] = []
    for line in block.splitlines():
        if line.startswith("   "):
            continue  # the rest of an explanation
        shown = line.strip().partition("  ")[0]
        for part in re.split(r"\$\(|\)|[|>]", shown):
            words = shlex.split(part) if "knik" in part else []
            if words[:1] == ["knik"]:
                calls.append(words[1:])
    return calls


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the words after it."""
    command, rest = ROOT, list(words)
    while rest and hasattr(command, "commands"):
        if rest[0] in command.commands:
            command = command.commands[rest.pop(0)]
        elif rest[0] == "--config":
            rest = rest[2:]
        else:
            break
    return command, rest


@pytest.mark.parametrize(("path", "command"), PAGES, ids=[" ".join(path) or "knik" for path, _ in PAGES])
def test_every_command_has_a_page_with_examples_that_exist(path: tuple[str, ...], command: Any) -> None:
    text = page(command, path)
    assert text.startswith("Usage: ")
    calls = examples(text)
    assert calls, "no examples"
    for words in calls:
        called, rest = resolved(words)
        known = {name for param in called.params for name in (*param.opts, *param.secondary_opts)} | {
            "--help"
        }
        used = {word for word in rest if word.startswith("-") and word != "-"}
        assert used <= known, words
    if path:
        assert any(resolved(words)[0] is command or path == tuple(words[: len(path)]) for words in calls)


@pytest.mark.parametrize(("path", "command"), PAGES, ids=[" ".join(path) or "knik" for path, _ in PAGES])
def test_every_option_is_explained(path: tuple[str, ...], command: Any) -> None:
    assert command.help
    for param in command.params:
        assert param.help, f"{path}: {param.opts}"


@pytest.mark.parametrize(("columns", "limit"), [("80", 80), ("200", 100)])
def test_no_page_is_wider_than_the_terminal_or_a_hundred_columns(
    columns: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    widest = max((len(line), line) for path, command in PAGES for line in page(command, path).splitlines())
    assert widest[0] <= limit, widest[1]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["say", "--help"], ["--debug", "config", "show", "--help"]]
)
def test_a_page_needs_neither_rich_nor_pydantic(arguments: list[str]) -> None:
    code = (
        f"import sys, atexit; sys.argv = ['knik', *{arguments!r}]; from knik.cli.main import main\n"
        "heavy = lambda: [name for name in ('rich', 'pydantic') if name in sys.modules]\n"
        "atexit.register(lambda: print(heavy(), file=sys.stderr)); main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert "Examples:" in done.stdout
    assert "\x1b" not in done.stdout
