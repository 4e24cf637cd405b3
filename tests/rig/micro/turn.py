"""A turn-detection model in Smart Turn's format that finds a voice finished when its end is quieter.

It compares the loudness of the last half second of the spectrogram with that of the second before: made on
the spot, and about what a falling sentence sounds like.
"""

from pathlib import Path

import numpy as np

from tests.rig.fullsize.onnx_file import Graph, value

FRAMES = 800
STEEP = 8.0


def make(path: Path) -> Path:
    """Write the model."""
    graph = Graph()
    end = _mean(graph, FRAMES - 50, FRAMES)
    before = _mean(graph, FRAMES - 150, FRAMES - 50)
    fallen = graph.op("Mul", graph.op("Sub", before, end), graph.constant(STEEP))
    graph.result("logits", graph.op("Sigmoid", graph.op("Sub", fallen, graph.constant(1.0))))
    path.parent.mkdir(parents=True, exist_ok=True)
    graph.write(
        path, [value("input_features", "float32", [1, 80, FRAMES])], [value("logits", "float32", [1, 1])]
    )
    return path


def _mean(graph: Graph, start: int, end: int) -> str:
    part = graph.op(
        "Slice",
        "input_features",
        graph.constant(np.array([start]), "int64"),
        graph.constant(np.array([end]), "int64"),
        graph.constant(np.array([2]), "int64"),
    )
    mean = graph.op("ReduceMean", part, axes=[1, 2], keepdims=0)
    return graph.op("Reshape", mean, graph.constant(np.array([1, 1]), "int64"))
