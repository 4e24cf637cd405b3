"""A transcriber whose transcripts also say if the speaker sounded finished."""

from dataclasses import replace

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.protocols import EngineInfo, Transcriber, Transcript, TurnDetector


class JudgedTranscriber:
    """Transcribes, then asks the turn detector about the same sound.

    Args:
        transcriber: Does the work.
        detector: Judges the sound.
    """

    def __init__(self, transcriber: Transcriber, detector: TurnDetector) -> None:
        self._transcriber = transcriber
        self._detector = detector

    @property
    def info(self) -> EngineInfo:
        return self._transcriber.info

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:
        """See `Transcriber.transcribe`."""
        heard = self._transcriber.transcribe(audio, cancel, recent)
        cancel.check()
        return replace(heard, finished=self._detector.finished(audio)) if heard.text else heard

    def close(self) -> None:
        self._transcriber.close()
