"""A program on a terminal of its own (a pseudo terminal): what it draws, and what is typed."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from types import TracebackType
from typing import Self

PATIENCE = 80.0


class Terminal:
    """A context manager around `python -m knik ...` with stdin and stderr, and stdout too, on a terminal.

    Args:
        arguments: Behind `knik`.
        env: Over the environment of the tests.
        program: Python code to run instead of the module knik.
    """

    def __init__(self, *arguments: str, env: dict[str, str], program: str = "") -> None:
        start = ["-c", program] if program else ["-m", "knik"]
        self._command = [sys.executable, *start, *arguments]
        self._env = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30", **env}
        self.shown = ""

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            self._command, env=self._env, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        return self

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def wait_for(self, text: str) -> None:
        """Read until the text has been drawn."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, f"{text!r} never came: {self.shown!r}"
            assert self._read(0.1) or self.process.poll() is None, f"{text!r} never came: {self.shown!r}"

    def end(self) -> int:
        """Read to the end; returns the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end: {self.shown!r}"
            self._read(0.1)
        while self._read(0.1):
            pass
        return self.process.returncode

    def _read(self, timeout: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], timeout)
        if not ready:
            return False
        try:
            data = os.read(self._master, 65_536)
        except OSError:
            # Linux says so when the program has closed its end.
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(5)
        os.close(self._master)
