"""Writes the conversation down, turn by turn, so that a crash loses at most the turn under way."""

import json
import queue
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from knik.errors import KnikError
from knik.trace.turns import TurnTrace

CAPACITY = 1_000


class TranscriptWriter:
    """Appends finished turns to files on a thread of its own, so that a slow disk delays nobody.

    Args:
        folder: Where; made if missing.
        formats: "jsonl", "markdown" or both.
        on_error: Told, once, when the disk fails.

    Raises:
        KnikError: The files cannot be made.
    """

    def __init__(
        self, folder: Path, formats: Sequence[str], on_error: Callable[[str], None] = lambda _: None
    ) -> None:
        name = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
        endings = {"jsonl": ".jsonl", "markdown": ".md"}
        self.paths = [folder / f"{name}{endings[kind]}" for kind in formats]
        self._on_error = on_error
        self._turns: queue.Queue[TurnTrace | None] = queue.Queue(CAPACITY)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path in self.paths:
                path.touch()
        except OSError as error:
            raise KnikError(
                f"{folder}: the transcript cannot be written there ({error.strerror}).",
                "Choose another folder: --transcript",
            ) from error
        self._thread = threading.Thread(target=self._run, name="transcript", daemon=True)
        self._thread.start()

    def add(self, trace: TurnTrace) -> None:
        """Write the turn soon; never waits."""
        if trace.user or trace.assistant:
            try:
                self._turns.put_nowait(trace)
            except queue.Full:
                self._on_error("The disk is too slow for the transcript; a turn was left out.")

    def close(self) -> None:
        """Write what waits, then end."""
        self._turns.put(None)
        self._thread.join(2.0)

    def _run(self) -> None:
        failed = False
        while (trace := self._turns.get()) is not None:
            try:
                for path in self.paths:
                    line = _json_line(trace) if path.suffix == ".jsonl" else _markdown(trace)
                    with path.open("a", encoding="utf-8") as file:
                        file.write(line)
            except OSError as error:
                if not failed:
                    self._on_error(f"The transcript cannot be written: {error.strerror}.")
                failed = True


def _json_line(trace: TurnTrace) -> str:
    record = {
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "turn": trace.turn,
        "user": trace.user,
        "assistant": trace.assistant,
        "outcome": trace.outcome,
        "seconds": {stage: round(seconds, 4) for stage, seconds in trace.seconds.items()},
    }
    return json.dumps(record, ensure_ascii=False) + "\n"


def _markdown(trace: TurnTrace) -> str:
    you = f"**You:** {trace.user}\n\n" if trace.user else ""
    mark = " …" if trace.outcome == "interrupted" else ""
    knik = f"**knik:** {trace.assistant}{mark}\n\n" if trace.assistant else ""
    return you + knik
