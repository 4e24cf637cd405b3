"""The part of Kokoro that reads: ALBERT, the text encoder, durations, pitch and loudness.

Written from the published description of the architecture (StyleTTS 2, ALBERT) and the sizes of
Kokoro-82M; the weights are random.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tests.rig.fullsize.kokoro_shape import LONGEST, POSITIONS, STYLE, TOKENS, Shape
from tests.rig.fullsize.onnx_file import FLOAT, INT64
from tests.rig.fullsize.onnx_layers import Layers, Linear

PHONEME_FRAMES = 3
"""Frames that every phoneme lasts: 75 ms, or 13.3 phonemes a second, about the pace of speech."""


@dataclass(frozen=True, slots=True)
class Read:
    """What the generator needs, by the names of the values.

    Attributes:
        text: The text by frames, shape (1, hidden, frames).
        pitch: Shape (1, 1, 2 * frames).
        loudness: Shape (1, 1, 2 * frames).
        duration: Frames of each token, shape (tokens,).
    """

    text: str
    pitch: str
    loudness: str
    duration: str


def read(layers: Layers, shape: Shape, tokens: str, style: str, speed: str) -> Read:
    """Add the layers. `tokens` is (1, n) and `style` the voice's half for the prosody."""
    graph = layers.graph
    count = graph.op("Squeeze", graph.op("Shape", tokens, start=1, end=2), graph.constant([0], "int64"))
    encoded = layers.linear(shape.bert, shape.hidden)(_albert(layers, shape, tokens, count))
    prosody = _duration_encoder(layers, shape, frames_first(layers, encoded), style, count)
    duration = _durations(layers, shape, prosody, speed)
    spread = _alignment(layers, duration, count)
    frames = graph.op("Unsqueeze", _spread(layers, spread, prosody), graph.constant([1], "int64"))
    shared = channels_first(layers, layers.lstm(frames, shape.hidden + STYLE, shape.hidden // 2))
    pitch, loudness = (_curve(layers, shape, shared, style) for _ in range(2))
    words = _spread(layers, spread, _text_encoder(layers, shape, tokens))
    text = graph.op("Transpose", graph.op("Unsqueeze", words, graph.constant([0], "int64")), perm=[0, 2, 1])
    return Read(text, pitch, loudness, duration)


def channels_first(layers: Layers, x: str) -> str:
    """(frames, 1, channels) to (1, channels, frames)."""
    return layers.graph.op("Transpose", x, perm=[1, 2, 0])


def frames_first(layers: Layers, x: str) -> str:
    """(1, frames, channels) to (frames, 1, channels)."""
    return layers.graph.op("Transpose", x, perm=[1, 0, 2])


def styled_block(layers: Layers, x: str, style: str, channels: int, out: int, *, double: bool = False) -> str:
    """A residual block of two convolutions whose normalisations the style sets; may double the frames."""
    graph = layers.graph
    y = graph.op("LeakyRelu", styled_norm(layers, x, style, channels), alpha=0.2)
    if double:
        y = layers.conv_transpose(y, channels, channels, 3, stride=2, padding=1, more=1, groups=channels)
    y = layers.conv(y, channels, out, 3)
    y = graph.op("LeakyRelu", styled_norm(layers, y, style, out), alpha=0.2)
    y = layers.conv(y, out, out, 3)
    if double:
        scales = graph.constant([1, 1, 2])
        x = graph.op(
            "Resize", x, "", scales, mode="nearest", nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        )  # fmt: skip
    if channels != out:
        x = layers.conv(x, channels, out, 1, bias=False)
    return graph.op("Mul", graph.op("Add", y, x), graph.constant(math.sqrt(0.5)))


def styled_norm(layers: Layers, x: str, style: str, channels: int) -> str:
    """Instance normalisation with gain and offset from the style."""
    graph = layers.graph
    scale, bias = graph.constant([1.0] * channels), graph.constant([0.0] * channels)
    normal = graph.op("InstanceNormalization", x, scale, bias, epsilon=1e-5)
    return _styled(layers, normal, style, channels, [2])


def _styled(layers: Layers, x: str, style: str, channels: int, axes: list[int]) -> str:
    graph = layers.graph
    both = layers.linear(STYLE, 2 * channels)(style)
    if axes:
        both = graph.op("Unsqueeze", both, graph.constant(axes, "int64"))
    gain, offset = graph.ops("Split", both, results=2, axis=1)
    louder = graph.op("Mul", graph.op("Add", gain, graph.constant(1.0)), x)
    return graph.op("Add", louder, offset)


def _albert(layers: Layers, shape: Shape, tokens: str, count: str) -> str:
    """Shape (1, n, bert). One layer's weights serve all layers; the pooler, which nobody reads, is left
    out."""
    graph = layers.graph
    words = graph.op("Gather", layers.table(TOKENS, shape.embedding), tokens)
    zero, one = graph.constant(0, "int64"), graph.constant(1, "int64")
    places = graph.op("Gather", layers.table(POSITIONS, shape.embedding), graph.op("Range", zero, count, one))
    kinds = graph.op("Gather", layers.table(2, shape.embedding), zero)
    x = layers.norm(graph.op("Add", graph.op("Add", words, places), kinds), shape.embedding)
    x = layers.linear(shape.embedding, shape.bert)(x)
    projections = [layers.linear(shape.bert, shape.bert) for _ in range(4)]
    wide, narrow = layers.linear(shape.bert, shape.bert_hidden), layers.linear(shape.bert_hidden, shape.bert)
    for layer in range(shape.bert_layers):
        # The real one shares its normalisations too, which weigh next to nothing.
        counted = layers.parameters
        x = layers.norm(graph.op("Add", x, _attention(layers, shape, x, projections)), shape.bert)
        y = narrow(_gelu(layers, wide(x)))
        x = layers.norm(graph.op("Add", x, y), shape.bert)
        if layer:
            layers.parameters = counted
    return x


def _attention(layers: Layers, shape: Shape, x: str, projections: Sequence[Linear]) -> str:
    graph = layers.graph
    size = shape.bert // shape.heads
    apart = graph.constant([0, 0, shape.heads, size], "int64")
    query, key, value = (graph.op("Reshape", project(x), apart) for project in projections[:3])
    query, value = (graph.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, value))
    scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 2, 3, 1]))
    weights = graph.op("Softmax", graph.op("Mul", scores, graph.constant(size**-0.5)), axis=-1)
    mixed = graph.op("Transpose", graph.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    return projections[3](graph.op("Reshape", mixed, graph.constant([0, 0, shape.bert], "int64")))


def _gelu(layers: Layers, x: str) -> str:
    """With the hyperbolic tangent, as BERT's successors have it (Hendrycks and Gimpel, 2016)."""
    graph = layers.graph
    cube = graph.op("Pow", x, graph.constant(3.0))
    inner = graph.op("Add", x, graph.op("Mul", cube, graph.constant(0.044715)))
    bent = graph.op("Tanh", graph.op("Mul", inner, graph.constant(math.sqrt(2 / math.pi))))
    half = graph.op("Mul", x, graph.constant(0.5))
    return graph.op("Mul", half, graph.op("Add", bent, graph.constant(1.0)))


def _duration_encoder(layers: Layers, shape: Shape, x: str, style: str, count: str) -> str:
    """Shape (n, 1, hidden + STYLE)."""
    graph = layers.graph
    ones = graph.constant([1, 1], "int64")
    lengths = graph.op("Concat", graph.op("Reshape", count, graph.constant([1], "int64")), ones, axis=0)
    spread = graph.op("Expand", graph.op("Unsqueeze", style, graph.constant([0], "int64")), lengths)
    x = graph.op("Concat", x, spread, axis=2)
    plain = graph.constant([1.0] * shape.hidden), graph.constant([0.0] * shape.hidden)
    for _ in range(shape.layers):
        x = layers.lstm(x, shape.hidden + STYLE, shape.hidden // 2)
        x = graph.op("LayerNormalization", x, *plain, axis=-1, epsilon=1e-5)
        x = graph.op("Concat", _styled(layers, x, style, shape.hidden, []), spread, axis=2)
    return x


def _durations(layers: Layers, shape: Shape, prosody: str, speed: str) -> str:
    """Frames of each token. The bias decides them: the weights weigh too little to change the rounding."""
    graph = layers.graph
    x = layers.lstm(prosody, shape.hidden + STYLE, shape.hidden // 2)
    share = PHONEME_FRAMES / LONGEST
    bias = math.log(share / (1 - share))
    chances = graph.op("Sigmoid", layers.linear(shape.hidden, LONGEST, gain=1e-3, bias=bias)(x))
    total = graph.op("ReduceSum", chances, graph.constant([1, 2], "int64"), keepdims=0)
    frames = graph.op("Round", graph.op("Div", total, speed))
    return graph.op("Cast", graph.op("Max", frames, graph.constant(1.0)), to=INT64)


def _alignment(layers: Layers, duration: str, count: str) -> str:
    """Shape (frames, n): a one where a token sounds."""
    graph = layers.graph
    zero, one = graph.constant(0, "int64"), graph.constant(1, "int64")
    ends = graph.op("CumSum", duration, zero)
    total = graph.op("ReduceSum", duration, keepdims=0)
    frame = graph.op("Unsqueeze", graph.op("Range", zero, total, one), graph.constant([1], "int64"))
    passed = graph.op("Cast", graph.op("GreaterOrEqual", frame, ends), to=INT64)
    token = graph.op("ReduceSum", passed, graph.constant([1], "int64"), keepdims=1)
    return graph.op("Cast", graph.op("Equal", token, graph.op("Range", zero, count, one)), to=FLOAT)


def _spread(layers: Layers, alignment: str, x: str) -> str:
    """(n, 1, channels) by tokens to (frames, channels)."""
    graph = layers.graph
    return graph.op("MatMul", alignment, graph.op("Squeeze", x, graph.constant([1], "int64")))


def _curve(layers: Layers, shape: Shape, x: str, style: str) -> str:
    """Pitch or loudness: two values a frame."""
    half = shape.hidden // 2
    x = styled_block(layers, x, style, shape.hidden, shape.hidden)
    x = styled_block(layers, x, style, shape.hidden, half, double=True)
    x = styled_block(layers, x, style, half, half)
    return layers.conv(x, half, 1, 1)


def _text_encoder(layers: Layers, shape: Shape, tokens: str) -> str:
    """Shape (n, 1, hidden)."""
    graph = layers.graph
    x = graph.op("Gather", layers.table(TOKENS, shape.hidden), tokens)
    x = graph.op("Transpose", x, perm=[0, 2, 1])
    for _ in range(shape.layers):
        x = graph.op("Transpose", layers.conv(x, shape.hidden, shape.hidden, shape.kernel), perm=[0, 2, 1])
        x = graph.op("Transpose", layers.norm(x, shape.hidden), perm=[0, 2, 1])
        x = graph.op("LeakyRelu", x, alpha=0.2)
    return layers.lstm(graph.op("Transpose", x, perm=[2, 0, 1]), shape.hidden, shape.hidden // 2)
