"""How long each stage of each turn took."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal["endpoint", "stt", "first_token", "first_clause", "first_audio", "total"]

STAGES: Mapping[Stage, str] = {
    "endpoint": "end of speech until the endpointer was sure",
    "stt": "transcription",
    "first_token": "chat model's first token",
    "first_clause": "chat model's first clause, its first token included",
    "first_audio": "first clause's first samples",
    "total": "end of speech to first sound heard",
}
"""The stages in order, with what each spans. `endpoint` and `total` are differences of sample times;
the others are measured where the work is done, and may overlap `endpoint`: work that starts before
the user has surely finished is hidden in it."""

WORK: tuple[Stage, ...] = ("stt", "first_clause", "first_audio")
"""The stages that add up to the work before the first sound."""


@dataclass(slots=True)
class TurnTrace:
    """One turn, as far as it has got.

    Attributes:
        turn: Its id.
        seconds: Length of each stage that was reached.
        outcome: How it ended, or an empty string while it goes on.
        reason: Why, where that needs saying.
        user: What was said.
        assistant: What was heard of the reply.
    """

    turn: int
    seconds: dict[Stage, float] = field(default_factory=dict)
    outcome: str = ""
    reason: str = ""
    user: str = ""
    assistant: str = ""

    @property
    def work(self) -> float:
        """Seconds that the engines worked until the first sound was there."""
        return sum(self.seconds.get(stage, 0.0) for stage in WORK)

    @property
    def hidden(self) -> float:
        """Seconds of that work which the user did not wait for, since it was done before the
        endpointer was sure. 0.0 while the first sound was not heard."""
        if "total" not in self.seconds:
            return 0.0
        waited = self.seconds["total"] - self.seconds.get("endpoint", 0.0)
        return max(0.0, self.work - waited)


class Tracer:
    """Collects the traces of a session; every method may be called from any thread.

    Args:
        on_finish: Called with each finished turn, from the thread that finished it.
        keep: Finished turns kept for statistics.
    """

    def __init__(self, on_finish: Callable[[TurnTrace], None] | None = None, keep: int = 1_000) -> None:
        self._lock = threading.Lock()
        self._on_finish = on_finish
        self._keep = keep
        self._open: dict[int, TurnTrace] = {}
        self._finished: list[TurnTrace] = []
        self._total = 0
        self._counters: Counter[str] = Counter()

    def measure(self, turn: int, stage: Stage, seconds: float) -> None:
        """Stage `stage` of the turn took `seconds`; only the first report counts."""
        with self._lock:
            self._trace(turn).seconds.setdefault(stage, seconds)

    def said(self, turn: int, user: str) -> None:
        """The user said `user`."""
        with self._lock:
            self._trace(turn).user = user

    def finish(self, turn: int, outcome: str, reason: str = "", assistant: str = "") -> None:
        """The turn is over; a second call for it does nothing."""
        with self._lock:
            trace = self._open.pop(turn, None)
            if trace is None:
                return
            trace.outcome, trace.reason, trace.assistant = outcome, reason, assistant
            self._finished.append(trace)
            self._total += 1
            del self._finished[: -self._keep]
            self._counters[f"turns {outcome}"] += 1
        if self._on_finish is not None:
            self._on_finish(trace)

    def begin(self, turn: int) -> None:
        """Work for the turn has started."""
        with self._lock:
            self._open.setdefault(turn, TurnTrace(turn))

    def count(self, name: str, by: int = 1) -> None:
        """Count `by` more of `name`, such as "rejected: no speech"."""
        with self._lock:
            self._counters[name] += by

    @property
    def counters(self) -> dict[str, int]:
        """All counters, by name."""
        with self._lock:
            return dict(self._counters)

    @property
    def finished(self) -> list[TurnTrace]:
        """The finished turns, oldest first."""
        with self._lock:
            return list(self._finished)

    @property
    def finished_count(self) -> int:
        """Finished turns so far, those that are no longer kept included."""
        return self._total

    def finished_since(self, count: int) -> list[TurnTrace]:
        """The finished turns after the first `count`, oldest first, as far as they are kept."""
        with self._lock:
            new = self._total - count
            return self._finished[-new:] if new > 0 else []

    def _trace(self, turn: int) -> TurnTrace:
        # Late reports of a finished turn go to a trace that nobody keeps.
        return self._open.get(turn) or TurnTrace(turn)
