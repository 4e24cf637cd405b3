"""Keeps evaluated system prompts on disk, so that the next start need not evaluate them again."""

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

KEPT = 4
"""States kept, the latest used: one for each model and system prompt in use. A state takes about 10 MB
for 300 tokens of a 1B model."""

SHORTEST = 32
"""Tokens below which evaluating is as quick as reading a file."""

_DIGEST_BYTES = hashlib.sha256().digest_size


class PrefillStore:
    """A folder of saved states; only what the configuration says gets there, never a conversation.

    A file is the SHA-256 of the state, then the state: a damaged one would end the process inside the
    library.

    Args:
        folder: Created when the first state is written.
        model: The model file, which is recognised by its path, size and time of change.
        version: Of the library that makes the states.
    """

    def __init__(self, folder: Path, model: Path, version: str) -> None:
        self._folder = folder
        stat = model.stat()
        self._model = f"{version} {model.resolve()} {stat.st_size} {stat.st_mtime_ns}"

    def takes(self, tokens: Sequence[int]) -> bool:
        """Whether the prompt is long enough to be worth a file."""
        return len(tokens) >= SHORTEST

    def find(self, tokens: Sequence[int]) -> bytes | None:
        """The saved state of exactly these tokens, if it is undamaged."""
        if not self.takes(tokens):
            return None
        path = self._path(tokens)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        state = data[_DIGEST_BYTES:]
        return state if hashlib.sha256(state).digest() == data[:_DIGEST_BYTES] else None

    def keep(self, tokens: Sequence[int], state: bytes) -> None:
        """Write the state of `tokens`; a disk that is full only costs time at the next start."""
        path = self._path(tokens)
        unfinished = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.write_bytes(hashlib.sha256(state).digest() + state)
            unfinished.replace(path)
            self._forget_the_oldest()
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def _path(self, tokens: Sequence[int]) -> Path:
        key = f"{self._model} {list(tokens)}".encode()
        return self._folder / f"{hashlib.sha256(key).hexdigest()[:32]}.state"

    def _forget_the_oldest(self) -> None:
        states = sorted(self._folder.glob("*.state"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in states[KEPT:]:
            path.unlink(missing_ok=True)
