"""Keeps the sound of knik's own stock phrases on disk."""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.protocols import EngineInfo, SpeechChunk, Synthesizer, VoiceInfo, VoiceSettings


class PhraseCache:
    """A synthesizer that speaks phrases of a closed list from disk once it has spoken them.

    Nothing else is ever written: what a conversation is about stays out of the cache.

    Args:
        engine: Speaks what is not in the cache.
        folder: Created when the first phrase is kept.
        phrases: What may be kept.
        identity: Distinguishes the engine's model from others, such as its path and size.
        limit: Bytes of all files; the ones used longest ago go first.
    """

    def __init__(
        self, engine: Synthesizer, folder: Path, phrases: frozenset[str], *, identity: str, limit: int
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._phrases = phrases
        self._identity = f"{engine.info.name} {identity}"
        self._limit = limit

    @property
    def info(self) -> EngineInfo:
        return self._engine.info

    @property
    def sample_rate(self) -> int:
        return self._engine.sample_rate

    def voices(self) -> Sequence[VoiceInfo]:
        return self._engine.voices()

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        """Speak one clause, from disk if it is a stock phrase that was spoken before."""
        if text not in self._phrases:
            yield from self._engine.synthesize(text, settings, cancel)
            return
        path = self._path(text, settings)
        kept = _read(path, self.sample_rate)
        if kept is not None:
            cancel.check()
            yield SpeechChunk(kept)
            return
        spoken: list[Samples] = []
        for chunk in self._engine.synthesize(text, settings, cancel):
            spoken.append(chunk.samples)
            yield chunk
        self._keep(path, np.concatenate(spoken) if spoken else np.zeros(0, np.float32))

    def close(self) -> None:
        self._engine.close()

    def _path(self, text: str, settings: VoiceSettings) -> Path:
        key = f"{self._identity} {settings} {text}".encode()
        return self._folder / f"{hashlib.sha256(key).hexdigest()[:32]}.flac"

    def _keep(self, path: Path, samples: Samples) -> None:
        """A full disk only means that the phrase is spoken anew."""
        import soundfile

        unfinished = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            soundfile.write(unfinished, samples, self.sample_rate, format="FLAC", subtype="PCM_16")
            unfinished.replace(path)
            self._forget_the_oldest()
        except (OSError, soundfile.LibsndfileError):
            with contextlib.suppress(OSError):
                unfinished.unlink(missing_ok=True)

    def _forget_the_oldest(self) -> None:
        files = sorted(self._folder.glob("*.flac"), key=lambda path: path.stat().st_mtime, reverse=True)
        total = 0
        for path in files:
            total += path.stat().st_size
            if total > self._limit:
                path.unlink(missing_ok=True)


def _read(path: Path, rate: int) -> Samples | None:
    import soundfile

    try:
        samples, found = soundfile.read(path, dtype="float32")
        os.utime(path)
    except (OSError, soundfile.LibsndfileError):
        return None
    return samples if found == rate and samples.ndim == 1 else None
