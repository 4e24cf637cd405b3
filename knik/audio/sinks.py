"""Where synthesised sound can go beside the speaker: a file or a pipe."""

import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

import numpy as np
import soundfile

from knik.audio.frames import Samples
from knik.errors import KnikError

FORMATS = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS")}
UNKNOWN_LENGTH = 0xFFFFFFFF
"""What sox and ffmpeg write for the length of a WAV that goes into a pipe."""


class Sink(Protocol):
    """Takes mono samples of shape (n,), block after block."""

    def write(self, samples: Samples) -> None: ...

    def close(self) -> None: ...


class FileSink:
    """A sound file, its format by the ending of its name.

    It is written under another name and renamed when it is complete, so a half-written file never
    takes the place of a whole one.

    Raises:
        KnikError: The ending is unknown or the file cannot be written.
    """

    def __init__(self, path: Path, rate: int) -> None:
        if path.suffix.lower() not in FORMATS:
            raise KnikError(
                f"{path}: knik writes {', '.join(FORMATS)}, not {path.suffix or 'files without an ending'}.",
                "Give the file one of these endings.",
                exit_code=2,
            )
        container, encoding = FORMATS[path.suffix.lower()]
        self._path = path
        self._part = path.with_name(path.name + ".part")
        try:
            self._file = soundfile.SoundFile(self._part, "w", rate, 1, encoding, format=container)
        except (soundfile.LibsndfileError, OSError) as error:
            raise KnikError(
                f"{path}: cannot be written ({str(error).rstrip('.')}).",
                "Give a path in a folder that exists and that you may write to.",
            ) from error
        self._failed = False

    def write(self, samples: Samples) -> None:
        """Append a block; raises `KnikError` when the disk is full."""
        try:
            self._file.write(np.clip(samples, -1.0, 1.0))
        except (soundfile.LibsndfileError, OSError) as error:
            self._failed = True
            raise KnikError(f"{self._path}: writing failed ({error}).", "Is the disk full?") from error

    def close(self) -> None:
        """Finish the file; what was written before a failure stays under the name with ".part"."""
        self._file.close()
        if not self._failed and self._part.exists():
            self._part.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._failed = self._failed or kind is not None
        self.close()


class PipeSink:
    """16-bit mono WAV into a pipe, whose length nobody knows beforehand."""

    def __init__(self, pipe: BinaryIO, rate: int) -> None:
        self._pipe = pipe
        header = struct.pack(
            "<4sI4s4sIHHIIHH", b"RIFF", UNKNOWN_LENGTH, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16
        )
        pipe.write(header + struct.pack("<4sI", b"data", UNKNOWN_LENGTH))

    def write(self, samples: Samples) -> None:
        """Append a block and send it on."""
        self._pipe.write((np.clip(samples, -1.0, 1.0) * 32767).astype("<i2").tobytes())
        self._pipe.flush()

    def close(self) -> None:
        """Nothing is held back."""
