"""Kokoro: the neural voice, through kokoro-onnx."""

import logging
import math
import threading
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.cores import compute_threads
from knik.engines.espeak_guard import ESPEAK_LOCK
from knik.engines.onnx_session import CancellableSession
from knik.engines.phoneme_pieces import phoneme_pieces
from knik.engines.protocols import EngineInfo, SpeechChunk, VoiceInfo, VoiceSettings, Word
from knik.engines.trim import trim_silence
from knik.engines.voice_blend import (
    LANGUAGES,
    Blend,
    describe_voice,
    espeak_language,
    language_of,
    parse_blend,
)
from knik.engines.word_timing import PhonemeTime, word_times
from knik.errors import KnikError

SAMPLE_RATE = 24_000
"""Hz of the model's output."""

PIECE = 250
"""Phonemes synthesised in one go. The model takes 510, about 30 s of speech; half of that lets a long
clause be heard sooner."""

FAVOURITES = ("af_heart", "af_sky")
"""The voices to speak with when none is asked for; else the first by name."""

_FETCH = "Fetch it again: knik models download"

Style = npt.NDArray[np.float32]
"""A voice: shape (510, 1, 256), a row for each number of phonemes."""


class KokoroSynthesizer:
    """Speaks with the voices of a Kokoro model.

    Args:
        model: The ONNX file.
        voices: The file of voices: npz, each a `Style`.
        threads: 0 for one a physical core, at most four.
        provider: "cpu", or "auto" for a GPU where the installed onnxruntime has one.
        espeak_lock: Guards libespeak-ng, which writes the phonemes; None for the process's own.

    Raises:
        KnikError: A file is missing or broken.
    """

    def __init__(
        self,
        model: Path,
        voices: Path,
        *,
        threads: int = 0,
        provider: str = "cpu",
        espeak_lock: "threading.Lock | threading._RLock | None" = None,
    ) -> None:
        for path in (model, voices):
            if not path.is_file():
                raise KnikError(f"Kokoro's file {path} is missing.", "Fetch it: knik models download")
        self._lock = ESPEAK_LOCK if espeak_lock is None else espeak_lock
        self._session = CancellableSession(model, threads=compute_threads(threads), provider=provider)
        self._kokoro = self._open(voices)
        self._names: list[str] = self._kokoro.get_voices()
        self._blended: tuple[Blend, Style] | None = None
        self._info = EngineInfo("Kokoro", f"{model.stem} on {self._session.device}")

    @property
    def info(self) -> EngineInfo:
        return self._info

    @property
    def sample_rate(self) -> int:
        return SAMPLE_RATE

    def voices(self) -> Sequence[VoiceInfo]:
        return [VoiceInfo(name, LANGUAGES.get(name[:1], ""), describe_voice(name)) for name in self._names]

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        """Speak one clause. `settings.voice` may be a blend; the speed is kept within 0.5 to 2.

        Word timings come with models that report durations.

        Raises:
            Cancelled: Also out of the middle of a run of the model.
            KnikError: The voice or the language is unknown, or the model fails.
        """
        cancel.check()
        blend = parse_blend(settings.voice or self._default_voice(), self._names)
        style = self._style(blend)
        language = espeak_language(settings.language) or language_of(blend)
        speed = min(2.0, max(0.5, settings.speed))
        elapsed = 0.0
        pieces = phoneme_pieces(text, lambda part: self._phonemize(part, language), PIECE)
        for words, phonemes in pieces:
            cancel.check()
            chunk = self._speak(words, phonemes, style, speed, cancel)
            yield SpeechChunk(chunk.samples, _shift(chunk.words, elapsed))
            elapsed += chunk.samples.size / SAMPLE_RATE

    def close(self) -> None:
        if self._kokoro is not None:
            self._kokoro.voices.close()
            self._kokoro = None
            self._session.close()

    def _open(self, voices: Path) -> Any:
        from kokoro_onnx import Kokoro

        # It logs to stderr; what goes wrong is raised as well.
        logging.getLogger("kokoro_onnx").setLevel(logging.CRITICAL + 1)
        try:
            with self._lock:
                kokoro = Kokoro.from_session(self._session, str(voices))
            if not kokoro.get_voices():
                raise ValueError("it holds no voice")
        except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
            raise KnikError(f"{voices} is no file of Kokoro voices.", _FETCH) from error
        except RuntimeError as error:
            raise KnikError(
                "Kokoro needs espeak-ng, which does not load.",
                "Reinstall it: uv sync --reinstall-package espeakng-loader",
            ) from error
        return kokoro

    def _default_voice(self) -> str:
        return next((name for name in FAVOURITES if name in self._names), self._names[0])

    def _style(self, blend: Blend) -> Style:
        if self._blended is None or self._blended[0] != blend:
            try:
                shares = [weight * self._kokoro.get_voice_style(name) for name, weight in blend]
            except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
                raise KnikError("The file of Kokoro voices is broken.", _FETCH) from error
            self._blended = blend, np.sum(shares, axis=0, dtype=np.float32)
        return self._blended[1]

    def _phonemize(self, text: str, language: str) -> str:
        try:
            with self._lock:
                return str(self._kokoro.tokenizer.phonemize(text, language))
        except RuntimeError as error:
            raise KnikError(
                f'Kokoro cannot speak the language "{language}" ({error}).',
                f"Its own are {', '.join(LANGUAGES.values())}.",
                exit_code=2,
            ) from error

    def _speak(
        self, words: str, phonemes: str, style: Style, speed: float, cancel: CancelToken
    ) -> SpeechChunk:
        # Silence is cut and pauses are set by knik, for every voice alike.
        with self._session.cancelled_by(cancel):
            audio, _, times = self._kokoro.create_timed(
                phonemes,
                style,
                speed,
                is_phonemes=True,
                trim=False,
                sentence_pause=0.0,
                clause_pause=0.0,
            )
        samples: Samples
        samples, lead = trim_silence(np.asarray(audio, np.float32), SAMPLE_RATE)
        spoken = [PhonemeTime(time.phoneme, time.start, time.end) for time in times]
        length = samples.size / SAMPLE_RATE
        return SpeechChunk(samples, _shift(word_times(words, spoken), -lead, length))


def _shift(words: Sequence[Word], seconds: float, length: float = math.inf) -> tuple[Word, ...]:
    """The words later by `seconds`, within the sound."""

    def within(time: float) -> float:
        return min(length, max(0.0, time + seconds))

    return tuple(Word(word.text, within(word.start), within(word.end)) for word in words)
