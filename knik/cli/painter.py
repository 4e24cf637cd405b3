"""Draws the panel when there is something new to see: ten times a second would cost an idle listener more
processor time than everything else that it does."""

import threading
from dataclasses import replace
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live

from knik.cli.keyboard import Keyboard
from knik.cli.panel import ChatPanel, full_cells
from knik.session.session import Session

QUIET_PHASES = ("asleep", "listening")

METER_EVERY = 5
"""Looks between two drawings for the level meter alone while nobody talks."""


class Painter:
    """The panel on the whole screen, and the thread that draws it; a context manager.

    Args:
        session: The conversation; it fails with what drawing raises.
        keyboard: Holds the line that is being typed.
        console: The terminal.
        refresh_hz: How often to look whether there is something new.
    """

    def __init__(self, session: Session, keyboard: Keyboard, console: Console, refresh_hz: int) -> None:
        self._session = session
        self._keyboard = keyboard
        self._console = console
        self._interval = 1 / refresh_hz
        self._live = Live(ChatPanel(session, keyboard), console=console, auto_refresh=False, screen=True)
        self._drawn: object = None
        self._meter = -1
        self._looks = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="panel", daemon=True)

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(1.0)
        self._live.stop()

    def _run(self) -> None:
        try:
            while not self._stopping.wait(self._interval):
                if self.wants_drawing():
                    self._live.refresh()
        except Exception as error:  # noqa: BLE001 - the conversation has lost its screen
            self._session.fail(error)

    def wants_drawing(self) -> bool:
        """Whether there is something new to see; asked once a look."""
        view = self._session.view()
        meter = full_cells(view.level_db)
        face = (
            replace(view, level_db=0.0),
            self._session.journal.count,
            self._session.tracer.finished_count,
            self._keyboard.line,
            self._console.size,
        )
        self._looks += 1
        patience = METER_EVERY if view.phase in QUIET_PHASES else 1
        if face == self._drawn and (meter == self._meter or self._looks < patience):
            return False
        self._drawn, self._meter, self._looks = face, meter, 0
        return True
