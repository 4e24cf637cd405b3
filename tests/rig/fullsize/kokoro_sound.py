"""The part of Kokoro that sounds: the decoder and its generator (HiFi-GAN with a harmonic source and an
inverse Fourier transform at the end, as in iSTFTNet).

Written from the published description of the architecture and the sizes of Kokoro-82M; the weights are
random.
"""

import math

import numpy as np

from tests.rig.fullsize.kokoro_shape import FFT, FRAME, HARMONICS, HOP, SPECTRUM, Shape
from tests.rig.fullsize.kokoro_text import Read, styled_block, styled_norm
from tests.rig.fullsize.onnx_file import FLOAT
from tests.rig.fullsize.onnx_layers import Array, Layers

SAMPLE_RATE = 24_000

_SEED = 1.0
_QUIET = -2.0
"""Bias of the log spectrum, which makes the noise that comes out about as loud as speech."""


def decode(layers: Layers, shape: Shape, heard: Read, style: str) -> str:
    """The audio, shape (samples,). `style` is the voice's half for the sound."""
    graph = layers.graph
    pitch, loudness = (
        layers.conv(curve, 1, 1, 3, stride=2, padding=1) for curve in (heard.pitch, heard.loudness)
    )
    curves = 2
    x = graph.op("Concat", heard.text, pitch, loudness, axis=1)
    x = styled_block(layers, x, style, shape.hidden + curves, shape.decoder)
    again = layers.conv(heard.text, shape.hidden, shape.residual, 1)
    wide = shape.decoder + shape.residual + curves
    outs = [shape.decoder] * 3 + [shape.sound]
    for number, out in enumerate(outs):
        x = graph.op("Concat", x, again, pitch, loudness, axis=1)
        x = styled_block(layers, x, style, wide, out, double=number == len(outs) - 1)
    return _generate(layers, shape, x, style, heard.pitch)


def _generate(layers: Layers, shape: Shape, x: str, style: str, pitch: str) -> str:
    graph = layers.graph
    source = _spectrum(layers, _source(layers, pitch))
    strides = [stride for stride, _ in shape.steps]
    for number, (stride, kernel) in enumerate(shape.steps):
        last = number == len(shape.steps) - 1
        channels = shape.sound >> number + 1
        excited = _excitation(layers, shape, source, channels, math.prod(strides[number + 1 :]), style)
        x = graph.op("LeakyRelu", x, alpha=0.1)
        x = layers.conv_transpose(
            x, 2 * channels, channels, kernel, stride=stride, padding=(kernel - stride) // 2
        )
        if last:
            x = graph.op("Pad", x, graph.constant([0, 0, 1, 0, 0, 0], "int64"), mode="reflect")
        x = graph.op("Add", x, excited)
        blocks = [_dilated_block(layers, shape, x, style, channels, kernel) for kernel in shape.kernels]
        x = graph.op("Mul", graph.op("Sum", *blocks), graph.constant(1 / len(blocks)))
    x = graph.op("LeakyRelu", x, alpha=0.01)
    x = layers.conv(x, shape.sound >> len(shape.steps), 2 * SPECTRUM, 7, gain=0.1)
    return _inverse(layers, x)


def _excitation(layers: Layers, shape: Shape, source: str, channels: int, stride: int, style: str) -> str:
    """The source's spectrum at the rate of a step of the generator."""
    if stride > 1:
        x = layers.conv(source, 2 * SPECTRUM, channels, 2 * stride, stride=stride, padding=(stride + 1) // 2)
        return _dilated_block(layers, shape, x, style, channels, 7)
    return _dilated_block(layers, shape, layers.conv(source, 2 * SPECTRUM, channels, 1), style, channels, 11)


def _dilated_block(layers: Layers, shape: Shape, x: str, style: str, channels: int, kernel: int) -> str:
    graph = layers.graph
    for dilation in shape.dilations:
        y = _snake(layers, styled_norm(layers, x, style, channels), channels)
        y = layers.conv(y, channels, channels, kernel, dilation=dilation)
        y = _snake(layers, styled_norm(layers, y, style, channels), channels)
        x = graph.op("Add", layers.conv(y, channels, channels, kernel), x)
    return x


def _snake(layers: Layers, x: str, channels: int) -> str:
    """x + sin(a x)^2 / a (Ziyin, Hartwig and Ueda, 2020)."""
    graph = layers.graph
    layers.parameters += channels
    rate = graph.weight(np.ones((1, channels, 1), np.float32))
    wave = graph.op("Pow", graph.op("Sin", graph.op("Mul", rate, x)), graph.constant(2.0))
    return graph.op("Add", x, graph.op("Mul", graph.op("Div", graph.constant(1.0), rate), wave))


def _source(layers: Layers, pitch: str) -> str:
    """A tone with harmonics where there is a pitch, noise elsewhere, shape (1, 1, samples)."""
    graph = layers.graph
    every = FRAME // 2
    fine = graph.op(
        "Resize", pitch, "", graph.constant([1, 1, every]), mode="nearest", nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )  # fmt: skip
    numbers = graph.constant(np.arange(1, HARMONICS + 1).reshape(1, -1, 1))
    turns = graph.op("Div", graph.op("Mul", fine, numbers), graph.constant(SAMPLE_RATE))
    steps = _resized(layers, graph.op("Mod", turns, graph.constant(1.0), fmod=1), 1 / every)
    angle = graph.op("Mul", graph.op("CumSum", steps, graph.constant(2, "int64")), graph.constant(math.tau))
    angle = _resized(layers, graph.op("Mul", angle, graph.constant(every)), every)
    tone = graph.op("Mul", graph.op("Sin", angle), graph.constant(0.1))
    voiced = graph.op("Cast", graph.op("Greater", fine, graph.constant(10.0)), to=FLOAT)
    unvoiced = graph.op("Sub", graph.constant(1.0), voiced)
    hiss = graph.op("Mul", unvoiced, graph.constant(0.1 / 3))
    level = graph.op("Add", graph.op("Mul", voiced, graph.constant(0.003)), hiss)
    noise = graph.op("Mul", graph.op("RandomNormalLike", tone, seed=_SEED), level)
    sum_ = graph.op("Add", graph.op("Mul", tone, voiced), noise)
    return graph.op("Tanh", layers.conv(sum_, HARMONICS, 1, 1))


def _resized(layers: Layers, x: str, factor: float) -> str:
    """Frames put in between, or left out, along a line; onnxruntime wants four dimensions for it."""
    graph = layers.graph
    axis = graph.constant([2], "int64")
    flat = graph.op("Unsqueeze", x, axis)
    scales = graph.constant([1, 1, 1, factor])
    half = graph.op("Resize", flat, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")
    return graph.op("Squeeze", half, axis)


def _waves() -> tuple[Array, Array]:
    """Windowed cosines and sines of the discrete Fourier transform, shape (SPECTRUM, 1, FFT)."""
    angle = math.tau * np.outer(np.arange(SPECTRUM), np.arange(FFT)) / FFT
    window = 0.5 - 0.5 * np.cos(math.tau * np.arange(FFT) / FFT)
    cosines, sines = ((wave(angle) * window)[:, np.newaxis].astype(np.float32) for wave in (np.cos, np.sin))
    return cosines, sines


def _spectrum(layers: Layers, x: str) -> str:
    """Magnitude and phase, shape (1, 2 * SPECTRUM, samples / HOP + 1)."""
    graph = layers.graph
    edge = FFT // 2
    x = graph.op("Pad", x, graph.constant([0, 0, edge, 0, 0, edge], "int64"), mode="edge")
    real, imaginary = (
        graph.op("Conv", x, graph.weight(wave), strides=[HOP], kernel_shape=[FFT]) for wave in _waves()
    )
    squares = graph.op("Add", graph.op("Mul", real, real), graph.op("Mul", imaginary, imaginary))
    magnitude = graph.op("Sqrt", graph.op("Add", squares, graph.constant(1e-14)))
    angle = graph.op("Atan", graph.op("Div", imaginary, graph.op("Add", real, graph.constant(1e-14))))
    turned = graph.op("Add", angle, graph.constant(math.pi))
    phase = graph.op("Where", graph.op("Less", real, graph.constant(0.0)), turned, angle)
    return graph.op("Concat", magnitude, phase, axis=1)


def _inverse(layers: Layers, x: str) -> str:
    """Sound from the logarithm of the magnitude and the sine of the phase."""
    graph = layers.graph
    low, high = graph.ops("Split", x, results=2, axis=1)
    magnitude = graph.op("Exp", graph.op("Add", low, graph.constant(_QUIET)))
    phase = graph.op("Sin", high)
    parts = []
    for wave, kind in zip(_waves(), ("Cos", "Sin"), strict=True):
        part = graph.op("Mul", magnitude, graph.op(kind, phase))
        parts.append(
            graph.op(
                "ConvTranspose", part, graph.weight(wave / np.float32(FFT)), strides=[HOP], kernel_shape=[FFT]
            )
        )
    sound = graph.op("Squeeze", graph.op("Sub", *parts), graph.constant([0, 1], "int64"))
    edge = FFT // 2
    ends = graph.constant([edge], "int64"), graph.constant([-edge], "int64")
    return graph.op("Slice", sound, *ends, graph.constant([0], "int64"))
