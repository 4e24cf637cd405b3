"""Smart Turn v3 (pipecat-ai/smart-turn): hears from the melody of what was said if it is finished.

An ONNX file with one input, the log-mel spectrogram of the last 8 s as Whisper computes it (float32
[1, 80, 800]), and one output, the probability that the speaker has finished ([1, 1]).
"""

from pathlib import Path
from typing import Any

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.engines.onnx_session import CancellableSession
from knik.errors import KnikError

SECONDS = 8
"""That the model sees; a shorter utterance comes after silence."""
FRAMES = 100 * SECONDS
FLOOR = 1e-7
"""Added to the variance, as transformers' `zero_mean_unit_var_norm` does, with which it was trained."""


class SmartTurn:
    """Judges an utterance by its sound; one thread at a time.

    Args:
        model: The ONNX file.

    Raises:
        KnikError: The file is broken, or wants something else than a spectrogram of 8 s.
    """

    def __init__(self, model: Path) -> None:
        from faster_whisper.feature_extractor import FeatureExtractor

        # One thread: it runs beside the chat model, and takes a few tens of milliseconds.
        self._session = CancellableSession(model, threads=1, provider="cpu")
        self._features: Any = FeatureExtractor(chunk_length=SECONDS)
        (wanted, *others) = self._session.get_inputs()
        if others or list(wanted.shape[1:]) != [80, FRAMES]:
            raise KnikError(
                f"{model}: is no Smart Turn model.", "Fetch it again: knik models download smart-turn-v3"
            )
        self._input = str(wanted.name)

    def finished(self, audio: Samples) -> float:
        """The probability from 0 to 1 that who said this, mono at 16 kHz, shape (n,), has finished.

        Raises:
            KnikError: The model fails.
        """
        sound = np.zeros(SECONDS * SAMPLE_RATE, np.float32)
        heard = audio[-sound.size :]
        sound[sound.size - heard.size :] = heard
        sound = (sound - sound.mean()) / np.sqrt(sound.var() + FLOOR)
        spectrogram = self._features(sound.astype(np.float32), padding=0)[:, :FRAMES]
        found = self._session.run(None, {self._input: spectrogram[None].astype(np.float32)})
        return float(np.clip(np.asarray(found[0]).reshape(-1)[0], 0.0, 1.0))
