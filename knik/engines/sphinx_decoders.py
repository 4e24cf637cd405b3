"""PocketSphinx's decoders, in a process of their own: `python -m knik.engines.sphinx_decoders`.

Requests come pickled on stdin, each is answered with one pickled reply on stdout, and the end of stdin ends
the process. `knik.engines.sphinx_process` is the other side.
"""

import difflib
import math
import os
import pickle
import re
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from knik.errors import KnikError

SAMPLE_RATE = 16_000
FRAME_RATE = 100
"""Frames a second of the decoder's segments (its default)."""

SPELLED_ALIKE = 0.75
"""How much of its letters a word must share with the one that stands for it in a grammar."""

Heard = tuple[str, float, tuple[tuple[str, float, float], ...]]
"""The text, the sum of the natural logarithms of its segments' acoustic scores, and each word with its
first and last moment in seconds."""


class Decoders:
    """The decoder for open speech, and one for the commands of a grammar.

    Args:
        grammar: JSGF, or an empty string for none. A word that the model does not know is replaced by the
            one that is spelled most alike: "knick" for "knik".

    Raises:
        KnikError: The package or its model is missing, or a word of the grammar is like none it knows.
    """

    def __init__(self, grammar: str) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise KnikError(
                f"The built-in ear needs PocketSphinx, which does not load ({error}).",
                "Reinstall it: uv sync --reinstall-package pocketsphinx",
            ) from error
        self._decoder = Decoder
        self._grammar = grammar
        self._decoders = self._make(cmn="live")
        self._narrow: dict[str, Any] = {}
        self._begun: set[str] = set()

    def _make(self, cmn: str) -> dict[str, Any]:
        common: dict[str, Any] = {"samprate": float(SAMPLE_RATE), "loglevel": "FATAL", "cmn": cmn}
        decoders = {"open": self._decoder(**common)}
        if self._grammar:
            commands = self._decoder(lm=None, **common)
            commands.add_jsgf_string("commands", pronounceable(self._grammar, decoders["open"]))
            commands.activate_search("commands")
            decoders["commands"] = commands
        return decoders

    def process(self, name: str, pcm: bytes) -> None:
        """Decode a part of an utterance: 16-bit samples at 16 kHz. The first part begins the utterance."""
        decoder = self._decoders[name]
        if name not in self._begun:
            decoder.start_utt()
            self._begun.add(name)
        decoder.process_raw(pcm, False, False)

    def end(self, name: str, _: bytes) -> Heard:
        """The utterance is over, or given up; returns what was heard of it."""
        decoder = self._decoders[name]
        if name not in self._begun:
            return "", -math.inf, ()
        self._begun.discard(name)
        decoder.end_utt()
        return _heard(decoder)

    def narrow(self, name: str, pcm: bytes) -> Heard:
        """Decode a whole utterance that has nothing above 4 kHz, as a headset's in a call.

        The mean of its features, which the missing half moves far from what the models expect, is taken from
        the utterance itself and not from those before.
        """
        self._narrow = self._narrow or self._make(cmn="batch")
        decoder = self._narrow[name]
        decoder.start_utt()
        decoder.process_raw(pcm, False, True)
        decoder.end_utt()
        return _heard(decoder)


def _heard(decoder: Any) -> Heard:
    hypothesis = decoder.hyp()
    if hypothesis is None or not hypothesis.hypstr:
        return "", -math.inf, ()
    segments = list(decoder.seg())
    score = sum(math.log(max(segment.ascore, 1e-300)) for segment in segments)
    words = tuple(
        (s.word.split("(")[0], s.start_frame / FRAME_RATE, (s.end_frame + 1) / FRAME_RATE)
        for s in segments
        if not s.word.startswith(("<", "["))
    )
    return hypothesis.hypstr, score, words


def pronounceable(grammar: str, decoder: Any) -> str:
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


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more: first the grammar, then (step, decoder, samples).

    A reply is what the step returned, or the message and the remedy of a `KnikError`.
    """

    def reply(failed: bool, value: object) -> None:
        pickle.dump((failed, value), replies)
        replies.flush()

    try:
        decoders = Decoders(pickle.load(requests))
        reply(False, None)
        while True:
            step, name, pcm = pickle.load(requests)
            reply(False, getattr(decoders, step)(name, pcm))
    except KnikError as error:
        reply(True, (error.message, error.remedy))
    except EOFError:
        return


def main() -> None:
    """Serve stdin; Ctrl-C is for the other side."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    # What a library prints must not come between the replies.
    os.dup2(2, 1)
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
