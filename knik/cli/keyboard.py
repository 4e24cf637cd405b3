"""Keys typed while the panel is on the screen."""

import codecs
import os
import select
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

MAX_LINE = 2_000


class Keyboard:
    """Reads keys one by one and puts lines together; a context manager.

    The terminal shows nothing by itself meanwhile (cbreak mode, no echo), so that typing does not
    tear the panel; Ctrl-C still interrupts. Where stdin is no terminal, or the system has no such
    modes (Windows), whole lines are read instead.

    Args:
        on_line: Called with each entered line.
        on_key: Called with "tab" and "escape".
        on_end: Called when the input is over.
        by_key: False to read whole lines from a terminal, too.
    """

    def __init__(
        self,
        on_line: Callable[[str], None],
        on_key: Callable[[str], None],
        on_end: Callable[[], None] = lambda: None,
        *,
        by_key: bool = True,
    ) -> None:
        self.line = ""
        """What is typed so far."""
        self._on_line = on_line
        self._on_key = on_key
        self._on_end = on_end
        self._by_key = by_key
        self._saved: Any = None
        self._wake: tuple[int, int] | None = None
        self._thread = threading.Thread(target=self._run, name="keyboard", daemon=True)

    def __enter__(self) -> Self:
        if self._by_key and sys.stdin.isatty() and os.name == "posix":
            import termios
            import tty

            self._saved = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
            self._wake = os.pipe()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._saved is None or self._wake is None:
            return
        import termios

        os.write(self._wake[1], b"x")
        self._thread.join(0.2)
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._saved)
        for end in self._wake:
            os.close(end)

    def _run(self) -> None:
        if self._wake is None:
            for line in sys.stdin:
                self._on_line(line.strip())
        else:
            self._read_keys(sys.stdin.fileno(), self._wake[0])
        self._on_end()

    def _read_keys(self, keys: int, wake: int) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            ready, _, _ = select.select([keys, wake], [], [])
            if wake in ready:
                return
            data = os.read(keys, 1024)
            if not data:
                return
            self.type(decoder.decode(data))

    def type(self, text: str) -> None:
        """Take typed characters; arrow keys and the like are left out."""
        if text.startswith("\x1b"):
            if text == "\x1b":
                self._on_key("escape")
            return
        for char in text:
            if char in "\r\n":
                line, self.line = self.line.strip(), ""
                if line:
                    self._on_line(line)
            elif char in "\x7f\b":
                self.line = self.line[:-1]
            elif char == "\x15":
                self.line = ""
            elif char == "\t":
                self._on_key("tab")
            elif char == "\x04" and not self.line:
                self._on_line("/quit")
            elif char.isprintable() and len(self.line) < MAX_LINE:
                self.line += char
