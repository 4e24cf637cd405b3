"""A thread that owns an engine and does one job after another with it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from knik.cancel import Cancelled, CancelToken
from knik.errors import KnikError
from knik.session.gauge import WorkGauge
from knik.session.turn_queue import Closed, TurnQueue


class Closable(Protocol):
    """Anything with an end."""

    def close(self) -> None: ...


EngineT = TypeVar("EngineT", bound=Closable)


@dataclass(frozen=True)
class Job(Generic[EngineT]):
    """One piece of a turn's work; `run` gets the engine and may raise `Cancelled`."""

    turn: int
    cancel: CancelToken
    run: Callable[[EngineT], None]


class Worker(Generic[EngineT]):
    """Loads an engine on its own thread, then runs jobs with it until it is stopped.

    Args:
        name: Of the thread and of the stage, such as "transcription".
        load: Builds the engine; runs on the worker's thread, so that engines load side by side.
        on_ready: Called with the engine once it is loaded.
        on_failed: Called with the job that failed and a message for the user.
        on_dead: Called with the exception when the engine cannot be loaded.
        gauge: Counts the jobs under way, loading and warming up included.
        capacity: Jobs that may wait.
    """

    def __init__(
        self,
        name: str,
        load: Callable[[], EngineT],
        *,
        on_ready: Callable[[EngineT], None],
        on_failed: Callable[[Job[EngineT], str], None],
        on_dead: Callable[[Exception], None],
        gauge: WorkGauge,
        capacity: int = 16,
    ) -> None:
        self.name = name
        self._load = load
        self._on_ready = on_ready
        self._on_failed = on_failed
        self._on_dead = on_dead
        self._gauge = gauge
        self._jobs: TurnQueue[Job[EngineT]] = TurnQueue(capacity, gauge)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._current: CancelToken | None = None

    def start(self) -> None:
        """Start the thread, which loads the engine first."""
        self._gauge.begin()
        self._thread.start()

    def submit(self, job: Job[EngineT]) -> bool:
        """Queue a job without waiting; False when too many wait already."""
        return self._jobs.offer(job)

    def put(self, job: Job[EngineT]) -> None:
        """Queue a job, waiting for room; raises `Cancelled` or `Closed` instead of waiting on."""
        self._jobs.put(job, job.cancel)

    def stop(self) -> None:
        """Drop the jobs that wait and end the thread after the one that runs; returns at once."""
        self._jobs.close()

    def join(self, timeout: float) -> bool:
        """Wait for the thread's end; False when it is still busy in foreign code."""
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        engine = self._loaded()
        if engine is None:
            return
        try:
            while True:
                self._do(engine, self._jobs.get())
        except Closed:
            pass
        finally:
            engine.close()

    def _loaded(self) -> EngineT | None:
        """The engine, warmed up; None where it cannot be loaded."""
        try:
            engine = self._load()
            self._prepare(engine)
        except Exception as error:  # noqa: BLE001 - surfaced by the owner
            self._on_dead(error)
            return None
        finally:
            self._gauge.end()
        return engine

    def _prepare(self, engine: EngineT) -> None:
        """Tell the owner, which warms the engine up; what a person can mend is told at once, anything
        else the first job will meet again."""
        try:
            self._on_ready(engine)
        except Cancelled:
            pass
        except KnikError as error:
            self._on_dead(error)
        except Exception:  # noqa: BLE001, S110 - see above
            pass

    def _do(self, engine: EngineT, job: Job[EngineT]) -> None:
        try:
            job.cancel.check()
            job.run(engine)
        except (Cancelled, Closed):
            pass
        except KnikError as error:
            self._on_failed(job, str(error))
        # SystemExit, too: it would end this thread, and whoever speaks next would wait for ever.
        except BaseException as error:  # noqa: BLE001 - an engine's bug must not end the conversation
            self._on_failed(job, f"{self.name} failed: {type(error).__name__}: {error}")
        finally:
            self._jobs.done()
