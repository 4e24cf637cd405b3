"""A transcriber that believes a wake-word model when it comes to the wake phrase."""

from dataclasses import replace

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.engines.protocols import EngineInfo, Spotter, Transcriber, Transcript

LEAST = round(0.3 * SAMPLE_RATE)
"""Samples after the phrase that may hold a word."""


class SpottingTranscriber:
    """Spells the phrase as it is where the spotter heard it, and transcribes what follows.

    Where the spotter hears nothing, the transcriber's own words decide.

    Args:
        transcriber: Does the work.
        spotter: Knows the phrase by its sound.
        phrase: The phrase.
    """

    def __init__(self, transcriber: Transcriber, spotter: Spotter, phrase: str) -> None:
        self._transcriber = transcriber
        self._spotter = spotter
        self._phrase = phrase

    @property
    def info(self) -> EngineInfo:
        return self._transcriber.info

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:
        """See `Transcriber.transcribe`; word times count from the end of the phrase."""
        end = self._spotter.heard(audio)
        cancel.check()
        if end is None:
            return self._transcriber.transcribe(audio, cancel, recent)
        if audio.size - end < LEAST:
            return Transcript(self._phrase)
        rest = self._transcriber.transcribe(audio[end:], cancel, recent)
        return replace(rest, text=f"{self._phrase}, {rest.text}" if rest.text else self._phrase, rejected="")

    def close(self) -> None:
        self._transcriber.close()
