"""Kokoro in its real size (82 M parameters) with random weights, as ONNX in single precision or int8.

Every phoneme lasts the same time whatever the weights say, so a text takes the same work in both
precisions. What is heard is noise, as loud as speech.
"""

from pathlib import Path

import numpy as np

from tests.rig.fullsize import kokoro_sound, kokoro_text
from tests.rig.fullsize.kokoro_shape import STYLE, Shape
from tests.rig.fullsize.onnx_file import Graph, value
from tests.rig.fullsize.onnx_layers import Layers, Precision

FULL = Shape()
PRECISIONS: dict[str, Precision] = {"fp32": "fp32", "int8": "int8"}
VOICE = "af_heart"
VOICES = (VOICE, "af_sky", "am_michael", "bf_emma")


def make(shape: Shape, directory: Path, precision: Precision = "fp32", *, seed: int = 0) -> int:
    """Write a model and its voices; returns how many parameters it has."""
    random = np.random.default_rng(seed)
    layers = Layers(Graph(), random, precision)
    graph = layers.graph
    sound, prosody = graph.ops("Split", "style", results=2, axis=1)
    heard = kokoro_text.read(layers, shape, "tokens", prosody, "speed")
    graph.result("audio", kokoro_sound.decode(layers, shape, heard, sound))
    graph.result("duration", heard.duration)
    graph.write(
        directory / f"kokoro-{precision}.onnx",
        [
            value("tokens", "int64", [1, "length"]),
            value("style", "float32", [1, 2 * STYLE]),
            value("speed", "float32", [1]),
        ],
        [value("audio", "float32", ["samples"]), value("duration", "int64", ["length"])],
    )
    rows = (0.15 * random.standard_normal((len(VOICES), 510, 1, 2 * STYLE))).astype(np.float32)
    with (directory / "voices.bin").open("wb") as file:
        np.savez(file, **dict(zip(VOICES, rows, strict=True)))
    return layers.parameters
