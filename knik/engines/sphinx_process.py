"""Starts PocketSphinx's decoders in a process of their own, and asks them."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import knik
from knik.engines.sphinx_decoders import Heard
from knik.errors import KnikError

CLOSING_SECONDS = 1.0
"""For the process to end by itself."""


class SphinxProcess:
    """Decoders that do not hold up this process.

    PocketSphinx keeps Python's lock while it decodes, for up to 0.2 s at a time. In this process the sound
    card's callbacks, which are Python too, would wait for it: gaps in what is played and in what is heard.

    Args:
        grammar: As for `knik.engines.sphinx_decoders.Decoders`.

    Raises:
        KnikError: As there; or the process ends at once.
        OSError: It cannot be started.
    """

    def __init__(self, grammar: str) -> None:
        # The packages of this process, wherever they come from, and nothing out of the working directory.
        paths = [str(Path(knik.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "knik.engines.sphinx_decoders"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
        )
        try:
            self._ask(grammar)
        except BaseException:
            self.close()
            raise

    def process(self, name: str, pcm: bytes) -> None:
        """Decode a part of an utterance: 16-bit samples at 16 kHz.

        Args:
            name: "open" or "commands".
            pcm: The part.

        Raises:
            KnikError: The process has ended.
        """
        self._ask(("process", name, pcm))

    def end(self, name: str) -> Heard:
        """End the utterance, or give it up; returns what was heard of it."""
        return cast("Heard", self._ask(("end", name, b"")))

    def narrow(self, name: str, pcm: bytes) -> Heard:
        """Decode a whole utterance that has nothing above 4 kHz; the first one takes some tenths of a second
        longer.

        Raises:
            KnikError: As `process`.
        """
        return cast("Heard", self._ask(("narrow", name, pcm)))

    def _ask(self, request: object) -> Any:
        requests, replies = self._process.stdin, self._process.stdout
        assert requests is not None
        assert replies is not None
        try:
            pickle.dump(request, requests)
            requests.flush()
            failed, value = pickle.load(replies)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise KnikError(
                f"The built-in ear's process ended (code {self._process.poll()}).",
                "It starts anew with your next words; say that again.",
            ) from error
        if failed:
            raise KnikError(*value)
        return value

    def close(self) -> None:
        """End the process; as often as you like."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except OSError:
                # A request that the process did not live to read.
                continue
        try:
            self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
