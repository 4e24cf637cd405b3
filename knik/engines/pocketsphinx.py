"""PocketSphinx: the built-in ear."""

import difflib
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.engines.protocols import EngineInfo, Transcript, Word
from knik.errors import KnikError

BLOCK = SAMPLE_RATE // 5
FRAME_RATE = 100
"""Frames a second of the decoder's segments (its default)."""

GRAMMAR_LOSS = 60.0
"""How much worse than the open model's, in natural log-probability per second, the acoustic score of
a command may be. Commands spoken by people and by espeak-ng lose up to 53, other speech mostly more
than 90 (measured on shared speech recordings and espeak-ng sentences)."""

RESEMBLANCE = 0.45
"""How much of its letters a command must share with what the open model heard. Since the grammar
makes a command of everything, the score alone lets some other speech through; that resembles by at
most 0.43, commands by 0.49 and more."""

SHORT_SECONDS = 1.7
"""Utterances so short ("stop", "goodbye"), with the silence around them, that the open model's words
resemble nothing."""

SPELLED_ALIKE = 0.75
"""How much of its letters a word must share with the one that stands for it in a grammar."""

PADDING = np.zeros(SAMPLE_RATE // 4, np.float32)
"""Silence around the utterance, which the decoder's models of silence expect."""


class PocketSphinxTranscriber:
    """Hears American English with the model that comes in the wheel.

    Beside the open language model it tries a grammar of the commands that knik knows, which makes
    these surer.

    Args:
        grammar: A JSGF grammar, or an empty string for none. A word that the model does not know is
            replaced by the one that is spelled most alike: "knick" for "knik".

    Raises:
        KnikError: The package or its model is missing.
    """

    def __init__(self, grammar: str = "") -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise KnikError(
                f"The built-in ear needs PocketSphinx, which does not load ({error}).",
                "Reinstall it: uv sync --reinstall-package pocketsphinx",
            ) from error
        quiet: dict[str, Any] = {"samprate": float(SAMPLE_RATE), "loglevel": "FATAL"}
        self._open = Decoder(**quiet)
        self._commands = None
        if grammar:
            self._commands = Decoder(lm=None, **quiet)
            self._commands.add_jsgf_string("commands", _pronounceable(grammar, self._open))
            self._commands.activate_search("commands")

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("PocketSphinx", "built-in ear, English, hears roughly", builtin=True)

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:  # noqa: ARG002
        """Transcribe one utterance of 16 kHz samples, shape (n,)."""
        peak = float(np.max(np.abs(audio), initial=0.0))
        if peak < 1e-3:
            return Transcript("", rejected="no speech")
        # Quiet recordings are far from what the model was trained on.
        padded = np.concatenate([PADDING, audio * np.float32(0.5 / peak), PADDING])
        pcm = (np.clip(padded, -1, 1) * 32767).astype("<i2").tobytes()
        text, score, words = _decode(self._open, pcm, cancel)
        if self._commands is not None:
            command, command_score, command_words = _decode(self._commands, pcm, cancel)
            seconds = audio.size / SAMPLE_RATE
            loss = (score - command_score) / seconds
            if command and loss <= GRAMMAR_LOSS and _resembles(command, text, seconds):
                text, words = command, command_words
        return Transcript(text, words, language="en") if text else Transcript("", rejected="no speech")

    def close(self) -> None:
        """Nothing to free beyond what the garbage collector does."""


def _pronounceable(grammar: str, decoder: Any) -> str:
    """The grammar in words that the decoder's dictionary holds."""
    head, rules = grammar.split(";\n", 1)

    def known(match: re.Match[str]) -> str:
        word = match.group()
        return word if word.startswith("<") or decoder.lookup_word(word) else _like(word, decoder)

    return f"{head};\n" + re.sub(r"<[^>]*>|[\w']+", known, rules)


def _like(word: str, decoder: Any) -> str:
    """The word of the dictionary that is spelled most alike.

    Raises:
        KnikError: There is none near it.
    """
    with Path(decoder.config["dict"]).open(encoding="utf-8") as file:
        words = {line.split(" ", 1)[0] for line in file if line[0] == word[0]}
    near = difflib.get_close_matches(word, words, 1, SPELLED_ALIKE)
    if not near:
        raise KnikError(
            f'The built-in ear does not know the word "{word}".',
            "Choose another wake phrase of English words, or let another ear listen: knik models download",
        )
    return str(near[0])


def _resembles(command: str, text: str, seconds: float) -> bool:
    if seconds < SHORT_SECONDS:
        return True
    return difflib.SequenceMatcher(None, text, command).ratio() >= RESEMBLANCE


def _decode(decoder: Any, pcm: bytes, cancel: CancelToken) -> tuple[str, float, tuple[Word, ...]]:
    decoder.start_utt()
    try:
        for start in range(0, len(pcm), 2 * BLOCK):
            cancel.check()
            decoder.process_raw(pcm[start : start + 2 * BLOCK], False, False)
    finally:
        decoder.end_utt()
    hypothesis = decoder.hyp()
    if hypothesis is None or not hypothesis.hypstr:
        return "", float("-inf"), ()
    lead = PADDING.size / SAMPLE_RATE
    score = sum(math.log(max(segment.ascore, 1e-300)) for segment in decoder.seg())
    words = tuple(
        Word(
            segment.word.split("(")[0],
            max(0.0, segment.start_frame / FRAME_RATE - lead),
            max(0.0, (segment.end_frame + 1) / FRAME_RATE - lead),
        )
        for segment in decoder.seg()
        if not segment.word.startswith(("<", "["))
    )
    return hypothesis.hypstr, float(score), words
