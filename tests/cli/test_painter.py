"""The panel is drawn when there is something new to see, and seldom otherwise."""

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from knik.cli.keyboard import Keyboard
from knik.cli.painter import METER_EVERY, Painter
from knik.session.journal import Journal
from knik.session.session import View
from knik.trace.turns import Tracer

QUIET = View("listening", -46.0, {}, 0, 0, 0, "microphone")


@pytest.fixture
def session() -> Any:
    session = SimpleNamespace(journal=Journal(), tracer=Tracer(), shown=QUIET, failed=[])
    session.view = lambda: session.shown
    session.fail = session.failed.append
    return session


@pytest.fixture
def painter(session: Any) -> Painter:
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=24)
    painter = Painter(session, Keyboard(print, print), console, 30)
    assert painter.wants_drawing()
    return painter


def test_nothing_new_is_not_drawn(painter: Painter) -> None:
    assert not any(painter.wants_drawing() for _ in range(3 * METER_EVERY))


def test_what_is_said_and_done_is_drawn_at_once(session: Any, painter: Painter) -> None:
    session.journal.add("user", 1, "hello")
    assert painter.wants_drawing()
    session.tracer.begin(1)
    session.tracer.finish(1, "answered")
    assert painter.wants_drawing()
    session.shown = replace(QUIET, phase="hearing")
    assert painter.wants_drawing()
    session.shown = replace(session.shown, underruns=1)
    assert painter.wants_drawing()
    assert not painter.wants_drawing()


@pytest.mark.parametrize(("phase", "drawn"), [("listening", 4), ("hearing", 4 * METER_EVERY)])
def test_the_meter_moves_at_once_while_somebody_talks_and_slowly_while_nobody_does(
    session: Any, painter: Painter, phase: Any, drawn: int
) -> None:
    session.shown = replace(QUIET, phase=phase)
    painter.wants_drawing()
    wanted = 0
    for look in range(4 * METER_EVERY):
        session.shown = replace(session.shown, level_db=-20.0 if look % 2 else -40.0)
        wanted += painter.wants_drawing()
    assert wanted == pytest.approx(drawn, abs=1)


def test_what_drawing_raises_ends_the_conversation(session: Any) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            if closed:
                raise OSError("nobody reads any more")
            return super().write(text)

    closed: list[bool] = []
    console = Console(file=Closed(), force_terminal=True, width=80, height=24)
    painter = Painter(session, Keyboard(print, print), console, 30)
    with painter:
        closed.append(True)
        session.journal.add("user", 1, "hello")
        painter._thread.join(5.0)
        closed.clear()
    assert [str(error) for error in session.failed] == ["nobody reads any more"]
