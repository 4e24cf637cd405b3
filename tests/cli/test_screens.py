"""What is drawn, at 80 by 24 and smaller, and what keys do."""

import io
import os
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from knik.cli.keyboard import Keyboard
from knik.cli.panel import conversation, footer, header, meter, ms
from knik.cli.quiet import quiet_stderr
from knik.engines.protocols import EngineInfo
from knik.session.journal import Entry
from knik.session.session import View
from knik.trace.turns import TurnTrace

RULES = EngineInfo("rules", "no model", builtin=True)
VIEW = View("hearing", -20.0, {"chat": RULES}, 2, 3, 1, "mic → speaker")


def drawn(renderable: object, width: int = 80) -> list[str]:
    console = Console(width=width, height=24, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get().splitlines()


def test_the_header_tells_whose_turn_it_is_and_that_engines_are_built_in() -> None:
    (line,) = drawn(header(VIEW, 80))
    assert "hearing" in line
    assert "knik models download" in line


def test_the_panel_tells_that_it_sleeps_and_how_to_wake_it() -> None:
    (line,) = drawn(header(replace(VIEW, phase="asleep"), 80))
    assert "asleep" in line
    entries = [Entry(1, "asleep", 0, 'Asleep. Say "hey knik" to wake me.'), Entry(2, "awake", 0, "Awake.")]
    assert conversation(entries, 76, 10).plain.split("\n") == [
        '  z   Asleep. Say "hey knik" to wake me.',
        "  ·   Awake.",
    ]


def test_the_meter_fills_with_the_level() -> None:
    cells = [meter(level).plain.count("█") for level in (-90, -60, -30, -6, 0, 10)]
    assert cells == sorted(cells)
    assert (cells[0], cells[-1]) == (0, 16)


@given(
    st.lists(
        st.builds(
            Entry,
            st.just(1),
            st.sampled_from(["user", "assistant", "clause", "notice", "error", "asleep", "awake"]),
            st.integers(0, 3),
            st.text(max_size=300),
            st.booleans(),
        ),
        max_size=30,
    ),
    st.integers(3, 14),
)
def test_any_conversation_fits_its_rows(entries: list[Entry], rows: int) -> None:
    assert len(conversation(entries, 76, rows).plain.split("\n")) <= rows


def test_a_reply_that_was_cut_off_says_so_and_replaces_its_clauses() -> None:
    entries = [
        Entry(1, "user", 1, "Tell me."),
        Entry(2, "clause", 1, "Once upon a time,"),
        Entry(3, "assistant", 1, "Once upon", cut_off=True),
    ]
    assert conversation(entries, 76, 10).plain.split("\n") == [
        "you   Tell me.",
        "knik  Once upon … (cut off)",
    ]


def test_the_stages_show_last_median_and_p95() -> None:
    traces = [TurnTrace(n, {"total": seconds}) for n, seconds in enumerate((0.9, 0.5, 0.7))]
    (total,) = [line for line in drawn(footer(VIEW, traces, 80)) if line.startswith("total")]
    assert total.split()[1:4] == ["700", "700", "880"]


def test_losses_and_engines_are_shown() -> None:
    text = "\n".join(drawn(footer(VIEW, [], 80)))
    for part in ("2 dropped, 3 underruns, 1 rejected", "rules no model", "loading…", "mic → speaker"):
        assert part in text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    view = replace(VIEW, device="m" * 300)
    for line in [*drawn(header(view, width), width), *drawn(footer(view, [], width), width)]:
        assert len(line) <= width


def test_milliseconds_are_whole() -> None:
    assert (ms(0.0004), ms(0.7), ms(12.3456)) == ("0", "700", "12,346")


class Typist:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.keys: list[str] = []
        self.keyboard = Keyboard(self.lines.append, self.keys.append)


def test_lines_are_typed_mended_and_entered() -> None:
    typist = Typist()
    typist.keyboard.type("helo")
    typist.keyboard.type("\x7flo ü\n")
    assert typist.lines == ["hello ü"]
    assert typist.keyboard.line == ""


def test_keys_have_their_meaning_and_arrows_none() -> None:
    typist = Typist()
    for key in ("\t", "\x1b", "\x1b[A", "abc\x15", "\x04"):
        typist.keyboard.type(key)
    assert typist.keys == ["tab", "escape"]
    assert typist.lines == ["/quit"]


@given(st.text())
def test_any_typing_is_survived(text: str) -> None:
    typist = Typist()
    typist.keyboard.type(text)
    assert typist.keyboard.line.isprintable()


def test_what_libraries_print_does_not_reach_the_panel(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet_stderr():
        os.write(2, b"from C\n")
        print("from Python", file=sys.stderr)
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "from Python\nafterwards\n"
