"""PocketSphinx: the built-in ear."""

import difflib

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import Cancelled, CancelToken
from knik.engines.protocols import EngineInfo, Transcript, Word
from knik.engines.sphinx_decoders import Heard
from knik.engines.sphinx_process import SphinxProcess
from knik.errors import KnikError

BLOCK = SAMPLE_RATE // 5
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

NARROW_HZ, NARROW_SHARE = 4300.0, 1e-5
"""A recording with a smaller share of its power above that frequency was made at 8 kHz."""

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
        self._grammar = grammar
        self._sphinx: SphinxProcess | None = SphinxProcess(grammar)

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
        narrow = is_narrow(audio)
        text, score, words = self._decode("open", pcm, cancel, narrow=narrow)
        if self._grammar:
            command, command_score, command_words = self._decode("commands", pcm, cancel, narrow=narrow)
            seconds = audio.size / SAMPLE_RATE
            loss = (score - command_score) / seconds
            if command and loss <= GRAMMAR_LOSS and _resembles(command, text, seconds):
                text, words = command, command_words
        return Transcript(text, words, language="en") if text else Transcript("", rejected="no speech")

    def _decode(
        self, name: str, pcm: bytes, cancel: CancelToken, *, narrow: bool
    ) -> tuple[str, float, tuple[Word, ...]]:
        if self._sphinx is None:
            self._sphinx = SphinxProcess(self._grammar)
        try:
            cancel.check()
            if narrow:
                text, score, words = self._sphinx.narrow(name, pcm)
            else:
                text, score, words = self._heard(self._sphinx, name, pcm, cancel)
        except KnikError:
            # The next utterance finds a new one.
            self.close()
            raise
        lead = PADDING.size / SAMPLE_RATE
        return text, score, tuple(Word(w, max(0.0, s - lead), max(0.0, e - lead)) for w, s, e in words)

    @staticmethod
    def _heard(sphinx: SphinxProcess, name: str, pcm: bytes, cancel: CancelToken) -> Heard:
        try:
            for start in range(0, len(pcm), 2 * BLOCK):
                cancel.check()
                sphinx.process(name, pcm[start : start + 2 * BLOCK])
        except Cancelled:
            sphinx.end(name)
            raise
        return sphinx.end(name)

    def close(self) -> None:
        """End the decoders' process; as often as you like."""
        if self._sphinx is not None:
            self._sphinx.close()
            self._sphinx = None


def is_narrow(audio: Samples) -> bool:
    """Whether 16 kHz samples hold a telephone's band only, as a Bluetooth headset's in a call."""
    power = np.square(np.abs(np.fft.rfft(audio)))
    high = power[np.fft.rfftfreq(audio.size, 1 / SAMPLE_RATE) > NARROW_HZ]
    return bool(np.sum(high) < NARROW_SHARE * np.sum(power))


def _resembles(command: str, text: str, seconds: float) -> bool:
    if seconds < SHORT_SECONDS:
        return True
    return difflib.SequenceMatcher(None, text, command).ratio() >= RESEMBLANCE
