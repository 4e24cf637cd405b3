"""Reads a text aloud, clause by clause, however long it is."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.protocols import Synthesizer, VoiceSettings
from knik.text.clauses import ClauseSplitter
from knik.text.normalise import speech_text
from knik.text.paragraphs import iter_paragraphs


def read_aloud(
    lines: Iterable[str],
    synthesizer: Synthesizer,
    voice: VoiceSettings,
    cancel: CancelToken,
    *,
    paragraph_pause: float,
    on_clause: Callable[[str], None] = lambda _: None,
) -> Iterator[Samples]:
    """Yield mono samples at the synthesizer's rate as they become ready.

    Args:
        lines: The text; no more is taken than the next clause needs.
        synthesizer: Speaks.
        voice: How.
        cancel: Ends it between two chunks, by raising `Cancelled`.
        paragraph_pause: Seconds of silence between paragraphs.
        on_clause: Told each clause, as it is written, after its last chunk.
    """
    pause = np.zeros(round(paragraph_pause * synthesizer.sample_rate), np.float32)
    for number, paragraph in enumerate(iter_paragraphs(lines)):
        if number and pause.size:
            yield pause
        splitter = ClauseSplitter()
        for piece in (paragraph, None):
            for clause in splitter.flush() if piece is None else splitter.feed(piece):
                cancel.check()
                spoken = speech_text(clause, voice.language or "en-us")
                for chunk in synthesizer.synthesize(spoken, voice, cancel) if spoken else ():
                    yield chunk.samples
                on_clause(clause)
