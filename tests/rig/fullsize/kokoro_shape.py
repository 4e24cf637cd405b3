"""Sizes of the Kokoro architecture (the config.json of hexgrad/Kokoro-82M)."""

from dataclasses import dataclass

STYLE = 128
"""Half of a voice's row: the first half is for the sound, the second for the prosody."""
TOKENS = 178
POSITIONS = 512
LONGEST = 50
"""Frames that a phoneme can last."""
FRAME = 600
"""Samples of a frame at 24 kHz: 25 ms."""
HARMONICS = 9
FFT, HOP = 20, 5
"""Samples of the window that the last step transforms back, and between two of them."""
SPECTRUM = FFT // 2 + 1


@dataclass(frozen=True, slots=True)
class Shape:
    """Widths and depths; the defaults are the real ones.

    Attributes:
        embedding: Of ALBERT's tokens.
        bert: ALBERT's width.
        heads: ALBERT's.
        bert_hidden: Width of its feed-forward layers.
        bert_layers: How often its one layer is run.
        hidden: Width of the text encoder and the prosody predictor.
        layers: Their depth.
        kernel: Of the text encoder's convolutions.
        decoder: Width of the decoder.
        residual: Channels of the text that every block of the decoder sees again.
        sound: Width where the generator begins, halved at each of its steps.
        steps: The generator's, each a stride and a kernel.
        kernels: Of its residual blocks, side by side.
        dilations: In each of them, one after the other.
    """

    embedding: int = 128
    bert: int = 768
    heads: int = 12
    bert_hidden: int = 2048
    bert_layers: int = 12
    hidden: int = 512
    layers: int = 3
    kernel: int = 5
    decoder: int = 1024
    residual: int = 64
    sound: int = 512
    steps: tuple[tuple[int, int], ...] = ((10, 20), (6, 12))
    kernels: tuple[int, ...] = (3, 7, 11)
    dilations: tuple[int, ...] = (1, 3, 5)
