"""Bridges the wait for a late answer with a filler."""

from knik.audio.frames import SAMPLE_RATE
from knik.dialogue.fillers import LATE, Fillers, expected_wait
from knik.engines.protocols import VoiceSettings
from knik.session.live_turn import LiveTurn
from knik.session.pipeline import Pipeline
from knik.trace.turns import Tracer


class Bridge:
    """Lives on the ears thread.

    Args:
        pipeline: Speaks the fillers in advance.
        tracer: Knows how long answers took.
        enabled: False never says any.
    """

    def __init__(self, pipeline: Pipeline, tracer: Tracer, *, enabled: bool) -> None:
        self._pipeline = pipeline
        self._tracer = tracer
        self._enabled = enabled
        self._fillers = Fillers()

    def prepare(self, voice: VoiceSettings) -> None:
        """Nobody waits: have the fillers spoken in advance if answers are late here."""
        if self._enabled and expected_wait(self._took(), 0.0) >= LATE:
            self._pipeline.record_fillers(voice)

    def consider(self, live: LiveTurn, now: int) -> None:
        """Say a filler if the answer of `live`, which the user waits for, will be late."""
        if not self._enabled or live.sound is None or live.sound.pushed or live.asked is None:
            return
        wait = expected_wait(self._took(), (now - live.asked) / SAMPLE_RATE)
        self._fillers, text = self._fillers.choose(wait, self._pipeline.fillers.lasting())
        filler = self._pipeline.fillers.sound(text, live.sound.rate) if text else None
        if filler is not None:
            live.sound.bridge(filler)
            self._tracer.count("fillers")

    def _took(self) -> list[float]:
        """Seconds from each question to the first sound of its answer."""
        traces = [trace.seconds for trace in self._tracer.finished]
        return [
            seconds["first_clause"] + seconds["first_audio"]
            for seconds in traces
            if "first_clause" in seconds and "first_audio" in seconds
        ]
