"""WAV, decoded while it is still arriving."""

import struct

import numpy as np

from knik.audio.frames import Samples

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_HEADER_LIMIT = 1 << 16
_UNKNOWN = 0x7FFFFFFF


class WavStream:
    """Takes the bytes of a WAV file, or of bare 16-bit samples, and gives back mono samples.

    A server that streams does not know the length and writes 0 or a huge one; then everything counts.

    Args:
        bare_rate: Hz of samples that come without a header.
    """

    def __init__(self, bare_rate: int) -> None:
        self.rate = bare_rate
        """Hz; final once samples have come out."""
        self._bytes = bytearray()
        self._started = False
        self._type = np.dtype("<i2")
        self._channels = 1
        self._left = _UNKNOWN
        """Bytes of sound still to come."""

    def feed(self, data: bytes) -> Samples:
        """The samples that these bytes complete, shape (n,), in [-1, 1].

        Raises:
            ValueError: The header is broken or of an encoding that is not supported.
        """
        self._bytes += data
        if not self._started:
            self._started = self._skip_header()
            if not self._started:
                return np.zeros(0, np.float32)
        step = self._type.itemsize * self._channels
        whole = min(len(self._bytes), self._left) // step * step
        raw = np.frombuffer(bytes(self._bytes[:whole]), self._type)
        del self._bytes[:whole]
        if self._left < _UNKNOWN:
            self._left -= whole
        scale = 1.0 if self._type.kind == "f" else float(1 << (8 * self._type.itemsize - 1))
        samples: Samples = (raw.astype(np.float32) / np.float32(scale)).reshape(-1, self._channels).mean(1)
        return samples

    def _skip_header(self) -> bool:
        """Read up to the samples; False when more bytes have to come first."""
        if len(self._bytes) < 12:
            return False
        if self._bytes[:4] != b"RIFF" or self._bytes[8:12] != b"WAVE":
            return True
        position = 12
        while len(self._bytes) >= position + 8:
            name = bytes(self._bytes[position : position + 4])
            (size,) = struct.unpack_from("<I", self._bytes, position + 4)
            position += 8
            if name == b"data":
                del self._bytes[:position]
                self._left = size if 0 < size < _UNKNOWN else _UNKNOWN
                return True
            if size > _HEADER_LIMIT:
                raise ValueError("the WAV header is broken")
            if name == b"fmt " and len(self._bytes) >= position + size:
                self._read_format(bytes(self._bytes[position : position + size]))
            position += size + size % 2
        return False

    def _read_format(self, chunk: bytes) -> None:
        if len(chunk) < 16:
            raise ValueError("the WAV header is broken")
        code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
        if code == _EXTENSIBLE and len(chunk) >= 26:
            (code,) = struct.unpack_from("<H", chunk, 24)
        types = {(_PCM, 16): "<i2", (_PCM, 32): "<i4", (_FLOAT, 32): "<f4"}
        if (code, bits) not in types or not channels or not rate:
            raise ValueError(f"WAV of {bits} bits in format {code} is not supported")
        self._type, self._channels, self.rate = np.dtype(types[code, bits]), channels, rate
