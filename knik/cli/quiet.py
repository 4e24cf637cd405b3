"""Keeps foreign libraries from writing over the panel."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Inside, what C libraries print on stderr (PortAudio when a device is lost) goes nowhere.

    Python's own `sys.stderr` still reaches the terminal.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    python = os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    original, sys.stderr = sys.stderr, python
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        sys.stderr = original
        python.close()
