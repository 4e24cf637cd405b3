"""`knik chat` as a process of its own, with what it prints as events."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

Event = dict[str, Any]
PATIENCE = 40.0
SILENCE_SECONDS = 0.5


class ChatProcess:
    """A context manager around one conversation; its output is read as it comes.

    Args:
        arguments: Behind `knik chat --json`.
        env: The environment, with the sound card in it.
    """

    def __init__(self, *arguments: str, env: dict[str, str]) -> None:
        self._command = [sys.executable, "-m", "knik", "chat", "--json", *arguments]
        self._env = {**env, "KNIK_MODELS_DIR": os.environ["KNIK_MODELS_DIR"], **_settings()}
        self._changed = threading.Condition()
        self.events: list[Event] = []

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command,
            env=self._env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._readers = [threading.Thread(target=self._read), threading.Thread(target=self._read_talk)]
        self.talk = ""
        for reader in self._readers:
            reader.start()
        return self

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.events.append({**json.loads(line), "seen": time.monotonic()})
                self._changed.notify_all()

    def _read_talk(self) -> None:
        assert self.process.stderr is not None
        self.talk = self.process.stderr.read()

    def wait_for(self, test: Callable[[Event], bool]) -> Event:
        """The first event that passes the test."""
        with self._changed:
            found = self._changed.wait_for(lambda: any(map(test, self.events)), PATIENCE)
            assert found, f"it never came; what came: {self.events}"
            return next(event for event in self.events if test(event))

    def wait_until_listening(self) -> None:
        """Until the microphone is open, which takes a busy machine seconds, and the room's silence known."""
        self.wait_for(lambda event: event["event"] == "notice" and event["text"].endswith("for a start."))
        time.sleep(SILENCE_SECONDS)

    def said(self, kind: str) -> list[str]:
        """The texts of one kind of event, such as "user"."""
        return [event["text"] for event in self.events if event["event"] == kind]

    def interrupt(self) -> float:
        """Press Ctrl-C; returns the seconds until the process has ended."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        return time.monotonic() - started

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            print("what came:", *self.events, sep="\n")
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(5)
        for reader in self._readers:
            reader.join(5)


def _settings() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name.startswith(("KNIK_", "XDG_CO", "XDG_D"))
    }
