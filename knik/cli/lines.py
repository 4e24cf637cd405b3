"""The conversation as plain lines or as JSON, for pipes and plain terminals."""

import json
import threading

import typer

from knik.session.journal import Entry
from knik.session.session import Session
from knik.trace.turns import TurnTrace

INTERVAL = 0.1


class LinePrinter:
    """Prints what is said on stdout and everything else on stderr, from a thread of its own.

    Args:
        session: The conversation.
        as_json: Print one object a line instead, for a program.
    """

    def __init__(self, session: Session, *, as_json: bool) -> None:
        self._session = session
        self._as_json = as_json
        self._seen = 0
        self._seen_turns = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Print what is left and end the thread."""
        self._stopping.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        try:
            while not self._stopping.wait(INTERVAL):
                self._print_new()
            self._print_new()
        except (OSError, ValueError) as error:
            # Nobody reads any more, or nothing can be written: the conversation has lost its listener.
            self._session.fail(error)

    def _print_new(self) -> None:
        for entry in self._session.journal.since(self._seen):
            self._seen = entry.number
            self._print(entry)
        for trace in self._session.tracer.finished_since(self._seen_turns):
            self._seen_turns += 1
            if trace.seconds.get("total") is not None or self._as_json:
                self._print_stages(trace)

    def _print(self, entry: Entry) -> None:
        if entry.kind == "clause":
            return
        if self._as_json:
            record = {"event": entry.kind, "turn": entry.turn, "text": entry.text, "cut_off": entry.cut_off}
            typer.echo(json.dumps(record, ensure_ascii=False))
        elif entry.kind in ("user", "assistant"):
            name = "you" if entry.kind == "user" else "knik"
            typer.echo(f"{name}: {entry.text}{' …' if entry.cut_off else ''}")
        else:
            typer.echo(f"{'error' if entry.kind == 'error' else 'note'}: {entry.text}", err=True)

    def _print_stages(self, trace: TurnTrace) -> None:
        if self._as_json:
            seconds = {stage: round(value, 4) for stage, value in trace.seconds.items()}
            record = {"event": "turn", "turn": trace.turn, "outcome": trace.outcome, "seconds": seconds}
            typer.echo(json.dumps(record))
            return
        parts = [f"{stage} {1000 * value:.0f}" for stage, value in trace.seconds.items()]
        typer.echo(f"  ms: {', '.join(parts)}", err=True)
