"""Whisper through faster-whisper and CTranslate2, on the CPU or an NVIDIA GPU."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.cores import compute_threads, share_cores
from knik.engines.protocols import EngineInfo, Transcript
from knik.engines.whisper_guard import Check, Guard, Hypothesis, mean_logprob, only_repeats
from knik.engines.whisper_windows import (
    FRAMES_PER_SECOND,
    FULL_WINDOW,
    Features,
    pad,
    short_window,
    windows,
)
from knik.errors import KnikError

NEEDED = ("model.bin", "config.json", "tokenizer.json")
"""Files of a model. Without the last, faster-whisper would fetch one from the network."""

COMPUTE_TYPES = {"cpu": "int8", "cuda": "float16"}
"""What "default" means on each device."""

RECENT_TOKENS = 48
"""Of the words said before, the decoder reads the last so many: two sentences."""

_WARM_UP = 100


class FasterWhisperTranscriber:
    """Whisper in CTranslate2's format; never touches the network.

    Args:
        model: Directory of the model.
        device: "cpu", "cuda", or "auto" for a GPU if there is one. Where CUDA does not work, the CPU
            takes over and `info` says so.
        compute_type: CTranslate2's name such as "int8" or "float16"; "default" suits the device.
        threads: 0 for one a physical core, at most four.
        language: Code such as "en"; empty detects it in each utterance.
        beam_size: 1 is greedy.
        initial_prompt: Text in the style and with the names to expect.
        recent_words: Whether to expect the words that were said just before, too, which takes about a tenth
            longer (docs/benchmarks/engines.md). A transcript that only repeats them, or that the guard
            rejects, is read anew without them.
        short_context: Encode a window of the utterance's length instead of 30 s, which is several
            times faster; what the guard then rejects is tried again with the full window.
        no_speech_threshold: See `Guard.no_speech`.
        logprob_threshold: See `Guard.logprob`.
        reject: Looks at the text: says why it is an invention, or an empty string.

    Raises:
        KnikError: A file is missing or broken, or the language or the compute type is unknown.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        device: str = "auto",
        compute_type: str = "default",
        threads: int = 0,
        language: str = "",
        beam_size: int = 1,
        initial_prompt: str = "",
        recent_words: bool = False,
        short_context: bool = False,
        no_speech_threshold: float = 0.6,
        logprob_threshold: float = -1.0,
        reject: Check | None = None,
    ) -> None:
        path = Path(model)
        _check_files(path)
        self._model, self._info = _load(path, device, compute_type, compute_threads(threads))
        self._language = _known_language(language) if language else ""
        if self._language not in ("", "en") and not self._model.model.is_multilingual:
            raise KnikError(
                f'The Whisper model {path} knows only English, not "{language}".',
                "Take one without .en in its name (knik models list), or set stt.language to en.",
                exit_code=2,
            )
        self._beam_size = beam_size
        self._initial_prompt = initial_prompt.strip()
        self._recent_words = recent_words
        self._short_context = short_context
        self._guard = Guard(no_speech_threshold, logprob_threshold, check=reject)
        self._decodings: dict[str, _Decoding] = {}

    @property
    def info(self) -> EngineInfo:
        return self._info

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:
        """Transcribe one utterance of 16 kHz samples, shape (n,).

        Raises:
            Cancelled: Before the encoder or the decoder of a window runs.
            KnikError: The model fails.
        """
        cancel.check()
        recent = recent.strip() if self._recent_words else ""
        kept: list[Hypothesis] = []
        objections: list[str] = []
        for window in windows(self._features(audio)):
            heard, objection = self._hear(window, recent, cancel)
            if objection:
                objections.append(objection)
            else:
                kept.append(heard)
        if not kept:
            return Transcript("", rejected=objections[0])
        return Transcript(" ".join(heard.text for heard in kept), language=kept[0].language)

    def close(self) -> None:
        """Free the model; a second call does nothing."""
        if self._model is not None:
            self._model.model.unload_model()
            self._model = None

    def _features(self, audio: Samples) -> Features:
        hop = self._model.feature_extractor.hop_length
        # The hop of silence behind the last sample is for its frame only.
        features = self._model.feature_extractor(np.ascontiguousarray(audio, np.float32), padding=hop)
        return np.asarray(features[:, : -(-audio.size // hop)], np.float32)

    def _hear(self, window: Features, recent: str, cancel: CancelToken) -> tuple[Hypothesis, str]:
        """What was said in a window, and why not to believe it."""
        frames = window.shape[1]
        sizes = [FULL_WINDOW]
        if self._short_context and short_window(frames) < FULL_WINDOW:
            sizes.insert(0, short_window(frames))
        for size in sizes:
            try:
                cancel.check()
                encoded = self._model.encode(pad(window, size))
                heard, objection = self._read(encoded, frames / FRAMES_PER_SECOND, recent, cancel)
            except (RuntimeError, ValueError) as error:
                raise KnikError(f"Whisper failed ({error}).") from error
            if not objection:
                break
        return heard, objection

    def _read(self, encoded: Any, seconds: float, recent: str, cancel: CancelToken) -> tuple[Hypothesis, str]:
        """Decode with the recent words in mind, and without them what they seem to have talked the
        decoder into."""
        decoding = self._decoding(self._language or self._detect(encoded))
        for before in dict.fromkeys((recent, "")):
            cancel.check()
            heard = self._decode(encoded, decoding, before, _most_tokens(seconds))
            objection = self._guard.objection(heard)
            if not objection and not only_repeats(heard.text, before):
                break
        return heard, objection

    def _decode(self, encoded: Any, decoding: "_Decoding", before: str, most: int) -> Hypothesis:
        prompt = decoding.prompt(self._model, before)
        result = self._model.model.generate(
            encoded,
            [prompt],
            beam_size=self._beam_size,
            # CTranslate2 keeps half of it for the prompt, or what the prompt takes.
            max_length=max(2 * most, len(prompt) + most),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        return Hypothesis(
            decoding.tokenizer.decode(tokens).strip(),
            float(result.no_speech_prob),
            mean_logprob(float(result.scores[0]), len(tokens)),
            decoding.tokenizer.language_code,
        )

    def _detect(self, encoded: Any) -> str:
        if not self._model.model.is_multilingual:
            return "en"
        token, _ = self._model.model.detect_language(encoded)[0][0]
        return str(token).strip("<|>")

    def _decoding(self, language: str) -> "_Decoding":
        if language not in self._decodings:
            self._decodings[language] = _Decoding.of(self._model, language, self._initial_prompt)
        return self._decodings[language]


@dataclass(frozen=True, slots=True)
class _Decoding:
    """What the decoder is given for a language."""

    tokenizer: Any
    initial: list[int]

    @classmethod
    def of(cls, model: Any, language: str, initial_prompt: str) -> "_Decoding":
        from faster_whisper.tokenizer import Tokenizer

        tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=language
        )
        return cls(tokenizer, tokenizer.encode(f" {initial_prompt}") if initial_prompt else [])

    def prompt(self, model: Any, recent: str) -> list[int]:
        """The tokens before the transcript; `recent` ends those of what was said before."""
        # A reply may spell control tokens out.
        words = [token for token in self.tokenizer.encode(f" {recent}") if token < self.tokenizer.eot]
        before = self.initial + (words[-RECENT_TOKENS:] if recent else [])
        prompt: list[int] = model.get_prompt(self.tokenizer, before, without_timestamps=True)
        return prompt


def _most_tokens(seconds: float) -> int:
    """Bounds a decoder that loops: nobody says more than some 8 tokens a second."""
    return min(224, 16 + round(12 * seconds))


def _check_files(path: Path) -> None:
    for name in NEEDED:
        if not (path / name).is_file():
            raise KnikError(f"The Whisper model {path} lacks {name}.", _fetch(path))


def _fetch(path: Path) -> str:
    return f"Fetch it: knik models download {path.name}"


def _known_language(code: str) -> str:
    from faster_whisper.tokenizer import _LANGUAGE_CODES

    language = code.casefold().replace("_", "-").partition("-")[0]
    if language not in _LANGUAGE_CODES:
        raise KnikError(
            f'Whisper does not know the language "{code}".',
            "Set stt.language to a code such as en, or to an empty string to detect it.",
            exit_code=2,
        )
    return language


def _load(path: Path, device: str, compute_type: str, threads: int) -> tuple[Any, EngineInfo]:
    """Load on the wished device, or on the CPU where CUDA does not work."""
    share_cores()
    import ctranslate2

    ctranslate2.set_log_level(logging.CRITICAL)
    note = ""
    if device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0):
        try:
            return _open(path, "cuda", compute_type, threads, note)
        except (RuntimeError, ValueError) as error:
            note = f" (CUDA does not work: {error})"
            compute_type = "default"
    try:
        return _open(path, "cpu", compute_type, threads, note)
    except ValueError as error:
        supported = ", ".join(sorted(ctranslate2.get_supported_compute_types("cpu")))
        raise KnikError(
            f"Whisper cannot compute like this: {error}.", f"Set stt.compute_type to one of {supported}."
        ) from error
    except Exception as error:  # the tokenizers library raises nothing narrower
        raise KnikError(f"The Whisper model {path} is broken ({error}).", _fetch(path)) from error


def _open(path: Path, device: str, compute_type: str, threads: int, note: str) -> tuple[Any, EngineInfo]:
    from faster_whisper import WhisperModel

    wished = COMPUTE_TYPES[device] if compute_type == "default" else compute_type
    model = WhisperModel(
        str(path), device=device, compute_type=wished, cpu_threads=threads, local_files_only=True
    )
    # CUDA's libraries are only looked for when something is computed.
    model.encode(np.zeros((model.feature_extractor.mel_filters.shape[0], _WARM_UP), np.float32))
    computes = str(model.model.compute_type).removesuffix("_float32")
    return model, EngineInfo("faster-whisper", f"{path.name} {computes} on {device.upper()}{note}")
