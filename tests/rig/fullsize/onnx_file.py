"""Builds ONNX graphs and writes them (onnx/onnx.proto3) without the onnx package.

The package is only there to make the micro models again; this much of the format needs no more than
numpy, so that the benchmarks run wherever knik does.
"""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

IR_VERSION, OPSET = 8, 17
MICROSOFT = "com.microsoft"
"""Domain of onnxruntime's own operations."""

_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "bool": 9}

FLOAT, INT64, BOOL, INT32 = 1, 7, 9, 6
"""Element types, as the operation Cast takes them."""

_Message: TypeAlias = list[bytes | memoryview]
"""Pieces in a row; large arrays are not copied."""


class Graph:
    """Operations in the order they are computed; every value goes by a name."""

    def __init__(self) -> None:
        self._nodes: list[_Message] = []
        self._tensors: list[_Message] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._count = 0

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add an operation with one result and return its name; an empty input is left out."""
        return self.ops(kind, *inputs, results=1, domain=domain, **attributes)[0]

    def ops(self, kind: str, *inputs: str, results: int, domain: str = "", **attributes: Any) -> list[str]:
        """Add an operation with several results and return their names."""
        names = [self._name() for _ in range(results)]
        self._node(kind, inputs, names, domain, attributes)
        return names

    def result(self, name: str, value: str) -> None:
        """Give a value the name of an output."""
        self._node("Identity", [value], [name], "", {})

    def weight(self, array: npt.NDArray[Any]) -> str:
        """Add an array."""
        name = self._name()
        self._tensors.append(_tensor(name, array))
        return name

    def constant(self, value: Any, kind: str = "float32") -> str:
        """Add a small array once, however often it is asked for."""
        array = np.asarray(value, kind)
        key = (kind, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self.weight(array)
        return self._constants[key]

    def write(self, path: Path, inputs: Sequence[_Message], outputs: Sequence[_Message]) -> None:
        """Write the model; see `value` for its inputs and outputs."""
        graph: _Message = []
        for node in self._nodes:
            graph += _field(1, node)
        graph += _field(2, [b"full-size"])
        for number, messages in ((5, self._tensors), (11, inputs), (12, outputs)):
            for message in messages:
                graph += _field(number, message)
        model: _Message = [*_number(1, IR_VERSION), *_field(7, graph)]
        for domain, version in (("", OPSET), (MICROSOFT, 1)):
            model += _field(8, [*_field(1, [domain.encode()]), *_number(2, version)])
        with path.open("wb") as file:
            for piece in model:
                file.write(piece)

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def _node(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        domain: str,
        attributes: dict[str, Any],
    ) -> None:
        node: _Message = []
        for number, names in ((1, inputs), (2, outputs)):
            for name in names:
                node += _field(number, [name.encode()])
        node += _field(4, [kind.encode()])
        for key, value in attributes.items():
            node += _field(5, list(_attribute(key, value)))
        node += _field(7, [domain.encode()])
        self._nodes.append(node)


def value(name: str, kind: str, shape: Sequence[int | str]) -> _Message:
    """An input or output; a string in the shape is a length that is not known before."""
    dims: _Message = []
    for size in shape:
        dim = _number(1, size) if isinstance(size, int) else _field(2, [size.encode()])
        dims += _field(1, dim)
    tensor = [*_number(1, _TYPES[kind]), *_field(2, dims)]
    return [*_field(1, [name.encode()]), *_field(2, _field(1, tensor))]


def _tensor(name: str, array: npt.NDArray[Any]) -> _Message:
    message: _Message = []
    for size in array.shape:
        message += _number(1, size)
    message += _number(2, _TYPES[array.dtype.name])
    message += _field(8, [name.encode()])
    # A scalar or an empty array cannot be cast to bytes without a copy; both are small.
    data = np.ascontiguousarray(array)
    raw = data.data.cast("B") if data.ndim and data.size else data.tobytes()
    return message + _field(9, [raw])


def _attribute(name: str, value: Any) -> Iterator[bytes | memoryview]:
    yield from _field(1, [name.encode()])
    if isinstance(value, float):
        yield _key(2, 5) + struct.pack("<f", value)
        yield from _number(20, 1)
    elif isinstance(value, int):
        yield from _number(3, value)
        yield from _number(20, 2)
    elif isinstance(value, str):
        yield from _field(4, [value.encode()])
        yield from _number(20, 3)
    else:
        for item in value:
            yield from _number(8, item)
        yield from _number(20, 7)


def _number(field: int, value: int) -> _Message:
    return [_key(field, 0) + _varint(value)]


def _field(field: int, message: _Message) -> _Message:
    return [_key(field, 2) + _varint(sum(len(piece) for piece in message)), *message]


def _key(field: int, wire: int) -> bytes:
    return _varint(field << 3 | wire)


def _varint(value: int) -> bytes:
    # Negative numbers are written as 64 bits.
    value &= 2**64 - 1
    data = bytearray()
    while value > 0x7F:
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)
