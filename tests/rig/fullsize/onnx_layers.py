"""Neural layers with random weights as ONNX operations, in single precision or quantised to 8 bits.

Quantised as onnxruntime.quantization.quantize_dynamic does it: matrix products, convolutions and LSTMs
have 8-bit weights and quantise what comes in when it comes in; everything else stays as it is, the
transposed convolutions too.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from tests.rig.fullsize.onnx_file import FLOAT, MICROSOFT, Graph

Array = npt.NDArray[np.float32]
Precision = Literal["fp32", "int8"]
Stored = tuple[str, float]
"""Name of weights in the graph, and what one step of their bytes is worth."""

_MIDDLE = 128
"""Zero of unsigned bytes, the only kind that onnxruntime's ConvInteger takes for weights."""


class Layers:
    """Adds layers to a graph.

    Convolutions take shape (1, channels, frames), LSTMs (frames, 1, channels), the rest the channels last.

    Attributes:
        graph: The graph.
        parameters: How many weights there are, however they are stored.
    """

    def __init__(self, graph: Graph, random: np.random.Generator, precision: Precision) -> None:
        self.graph = graph
        self.parameters = 0
        self._random = random
        self._precision = precision
        self._quantised: dict[str, list[str]] = {}

    def matrix(self, *shape: int, fan_in: int, gain: float = 1.0) -> Array:
        """Random weights that keep the variance of `fan_in` inputs, times the gain's square."""
        self.parameters += int(np.prod(shape))
        weights = self._random.standard_normal(shape, np.float32)
        return weights * np.float32(gain / np.sqrt(fan_in))

    def vector(self, size: int, value: float = 0.0) -> str:
        """A bias, or the scale of a normalisation."""
        self.parameters += size
        return self.graph.weight(np.full(size, value, np.float32))

    def table(self, rows: int, columns: int) -> str:
        """Embeddings."""
        return self.graph.weight(self.matrix(rows, columns, fan_in=1))

    def linear(self, columns: int, rows: int, *, gain: float = 1.0, bias: float = 0.0) -> "Linear":
        """A linear layer, which may be used more than once."""
        return Linear(self, self.matrix(columns, rows, fan_in=columns, gain=gain), self.vector(rows, bias))

    def norm(self, x: str, channels: int) -> str:
        """Layer normalisation."""
        scale, bias = self.vector(channels, 1.0), self.vector(channels)
        return self.graph.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=1e-5)

    def conv(
        self,
        x: str,
        channels: int,
        out: int,
        kernel: int,
        *,
        stride: int = 1,
        dilation: int = 1,
        padding: int | None = None,
        bias: bool = True,
        gain: float = 1.0,
    ) -> str:
        """A convolution; without a padding, one that keeps the length."""
        edge = (kernel - 1) * dilation // 2 if padding is None else padding
        weights = self.matrix(out, channels, kernel, fan_in=channels * kernel, gain=gain)
        shape: dict[str, Any] = {
            "strides": [stride],
            "dilations": [dilation],
            "pads": [edge, edge],
            "kernel_shape": [kernel],
        }
        graph, (name, unit) = self.graph, self.stored(weights)
        if self._precision == "fp32":
            added = [self.vector(out)] if bias else []
            return graph.op("Conv", x, name, *added, **shape)
        data, scale, zero = self._quantise(x)
        sums = graph.op("ConvInteger", data, name, zero, graph.constant(_MIDDLE, "uint8"), **shape)
        y = self._restored(sums, scale, unit)
        if not bias:
            return y
        self.parameters += out
        return graph.op("Add", y, graph.weight(np.zeros((1, out, 1), np.float32)))

    def conv_transpose(
        self,
        x: str,
        channels: int,
        out: int,
        kernel: int,
        *,
        stride: int,
        padding: int,
        more: int = 0,
        groups: int = 1,
    ) -> str:
        """A transposed convolution, always in single precision."""
        fan_in = channels // groups * kernel // stride
        weights = self.graph.weight(self.matrix(channels, out // groups, kernel, fan_in=max(1, fan_in)))
        return self.graph.op(
            "ConvTranspose",
            x,
            weights,
            self.vector(out),
            strides=[stride],
            pads=[padding, padding],
            output_padding=[more],
            group=groups,
            kernel_shape=[kernel],
        )

    def lstm(self, x: str, channels: int, hidden: int) -> str:
        """A layer in both directions: (frames, 1, channels) to (frames, 1, 2 * hidden)."""
        graph = self.graph
        into = self.matrix(2, 4 * hidden, channels, fan_in=channels)
        back = self.matrix(2, 4 * hidden, hidden, fan_in=hidden)
        self.parameters += 16 * hidden
        bias = graph.weight(np.zeros((2, 8 * hidden), np.float32))
        settings: dict[str, Any] = {"direction": "bidirectional", "hidden_size": hidden}
        if self._precision == "fp32":
            y = graph.op("LSTM", x, graph.weight(into), graph.weight(back), bias, **settings)
        else:
            inputs = [x, *(graph.weight(_bytes(w.transpose(0, 2, 1))[0]) for w in (into, back)), bias]
            zero = graph.constant([_MIDDLE, _MIDDLE], "uint8")
            units = [graph.constant([_bytes(w)[1]] * 2) for w in (into, back)]
            inputs += ["", "", "", "", units[0], zero, units[1], zero]
            y = graph.op("DynamicQuantizeLSTM", *inputs, domain=MICROSOFT, **settings)
        turned = graph.op("Transpose", y, perm=[0, 2, 1, 3])
        return graph.op("Reshape", turned, graph.constant([0, 0, 2 * hidden], "int64"))

    def stored(self, weights: Array) -> Stored:
        """Put weights into the graph as the precision wants them."""
        if self._precision == "fp32":
            return self.graph.weight(weights), 1.0
        numbers, unit = _bytes(weights)
        return self.graph.weight(numbers), unit

    def product(self, x: str, weights: Stored) -> str:
        """A matrix product with stored weights."""
        graph, (name, unit) = self.graph, weights
        if self._precision == "fp32":
            return graph.op("MatMul", x, name)
        data, scale, zero = self._quantise(x)
        sums = graph.op("MatMulInteger", data, name, zero, graph.constant(_MIDDLE, "uint8"))
        return self._restored(sums, scale, unit)

    def _restored(self, sums: str, scale: str, unit: float) -> str:
        graph = self.graph
        factor = graph.op("Mul", scale, graph.constant(unit))
        return graph.op("Mul", graph.op("Cast", sums, to=FLOAT), factor)

    def _quantise(self, x: str) -> Sequence[str]:
        if x not in self._quantised:
            self._quantised[x] = self.graph.ops("DynamicQuantizeLinear", x, results=3)
        return self._quantised[x]


class Linear:
    """Weights and bias of a linear layer."""

    def __init__(self, layers: Layers, weights: Array, bias: str) -> None:
        self._layers, self._bias = layers, bias
        self._weights = layers.stored(weights)

    def __call__(self, x: str) -> str:
        return self._layers.graph.op("Add", self._layers.product(x, self._weights), self._bias)


def _bytes(weights: Array) -> tuple[npt.NDArray[np.uint8], float]:
    """Unsigned bytes around `_MIDDLE`, and what one step is worth."""
    unit = float(np.abs(weights).max()) / 127
    return (np.rint(weights / unit) + _MIDDLE).astype(np.uint8), unit
