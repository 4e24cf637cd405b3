"""Writes GGUF files (version 3, ggml's docs/gguf.md) tensor by tensor, so that none is held for long."""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 32
"""Weights that share a scale in `Q4_0` and `Q8_0`."""

F32, Q4_0, Q8_0 = 0, 2, 8
"""ggml's numbers of the types."""

_BYTES = {F32: 4 * BLOCK, Q4_0: 2 + BLOCK // 2, Q8_0: 2 + BLOCK}
_VALUE_TYPES = {int: 4, float: 6, bool: 7, str: 8, list: 9}
_INT32, _STRING = 5, 8
_ALIGNMENT = 32

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor to write.

    Attributes:
        name: In llama.cpp's scheme, such as "blk.0.attn_q.weight".
        shape: As numpy writes it, the row length last.
        kind: `F32`, `Q4_0` or `Q8_0`.
        data: Makes the bytes when they are written.
    """

    name: str
    shape: tuple[int, ...]
    kind: int
    data: Callable[[], Bytes]

    @property
    def size(self) -> int:
        """In bytes."""
        return int(np.prod(self.shape)) * _BYTES[self.kind] // BLOCK


def q4_0(weights: npt.NDArray[np.float32]) -> Bytes:
    """Blocks of a scale and 32 four-bit numbers, the first 16 in the low halves of the bytes."""
    blocks = weights.reshape(-1, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1)[:, None], axis=1)
    scales = (largest / -8).astype(np.float16)
    inverse = np.divide(1, scales, where=scales != 0, out=np.zeros(scales.shape, np.float32))
    numbers = np.clip(np.rint(blocks * inverse) + 8, 0, 15).astype(np.uint8)
    packed = numbers[:, : BLOCK // 2] | numbers[:, BLOCK // 2 :] << 4
    return np.concatenate([scales.view(np.uint8), packed], axis=1)


def q8_0(weights: npt.NDArray[np.float32]) -> Bytes:
    """Blocks of a scale and 32 signed bytes."""
    blocks = weights.reshape(-1, BLOCK)
    scales = (np.abs(blocks).max(axis=1, keepdims=True) / 127).astype(np.float16)
    inverse = np.divide(1, scales, where=scales != 0, out=np.zeros(scales.shape, np.float32))
    numbers = np.clip(np.rint(blocks * inverse), -127, 127).astype(np.int8)
    return np.concatenate([scales.view(np.uint8), numbers.view(np.uint8)], axis=1)


def random_q4_0(random: np.random.Generator, rows: int, columns: int, deviation: float) -> Bytes:
    """Blocks of numbers that are all equally likely, shape (rows, bytes of a row)."""
    blocks = random.integers(0, 256, (rows * columns // BLOCK, _BYTES[Q4_0]), np.uint8)
    # Sixteen equally likely numbers deviate by the square root of (16^2 - 1) / 12.
    blocks[:, :2] = np.array([deviation / 4.61], np.float16).view(np.uint8)
    # They run from -8 to 7. Scales of either sign take the mean away, which layers would amplify.
    blocks[:, 1] |= random.integers(0, 2, len(blocks), np.uint8) << 7
    return blocks.reshape(rows, -1)


def write(path: Path, settings: Mapping[str, Any], tensors: Sequence[Tensor]) -> None:
    """Write a file of settings and tensors."""
    head = [b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(settings))]
    for key, value in settings.items():
        head.append(_text(key) + struct.pack("<I", _VALUE_TYPES[type(value)]) + _value(value))
    offset = 0
    for tensor in tensors:
        head.append(_text(tensor.name) + struct.pack("<I", len(tensor.shape)))
        head.append(struct.pack(f"<{len(tensor.shape)}Q", *reversed(tensor.shape)))
        head.append(struct.pack("<IQ", tensor.kind, offset))
        offset += _padded(tensor.size)
    with path.open("wb") as file:
        file.write(_pad(b"".join(head)))
        for tensor in tensors:
            file.write(_pad(tensor.data().tobytes()))


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        kind = _STRING if isinstance(value[0], str) else _INT32
        items = map(_text, value) if kind == _STRING else (struct.pack("<i", item) for item in value)
        return struct.pack("<IQ", kind, len(value)) + b"".join(items)
    return struct.pack({bool: "<?", int: "<I", float: "<f"}[type(value)], value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _pad(data: bytes) -> bytes:
    return data.ljust(_padded(len(data)), b"\0")
