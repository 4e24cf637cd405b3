"""Engines for the benchmarks of whole turns: loaded once, used by every pipeline that is compared."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.dialogue import Line
from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.config.load import load
from knik.config.schema import Config
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Transcriber, Transcript
from knik.engines.reply_filter import ReplyFilter
from knik.session.assembly import synthesizer_loader, transcriber_loader
from knik.session.pipeline import EngineLoaders

TOKENS_PER_WORD = 1.3
"""Of English in the vocabularies of today's chat models."""


@dataclass(slots=True)
class Script:
    """What the dummies hear and say, turn by turn: random weights would hear and say nonsense.

    Attributes:
        lines: All turns.
        present: Which of them it is.
    """

    lines: list[Line]
    present: Callable[[], int] = lambda: 0

    @property
    def line(self) -> Line:
        """The present turn's."""
        return self.lines[self.present()]


class Kept:
    """An engine that outlives the session that uses it."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Stays loaded for the next pipeline."""


WHOLE = 0.95
"""Share of an utterance's energy from which all of it was heard; the room adds and takes a little."""


class ScriptedEar(Kept):
    """Does all the work of the real transcriber, and hears what the script says: in a part of the
    utterance, as many of its words as there is energy in it."""

    def __init__(self, engine: Transcriber, script: Script) -> None:
        super().__init__(engine)
        self._script = script

    def transcribe(self, audio: Samples, cancel: CancelToken, recent: str = "") -> Transcript:
        self._engine.transcribe(audio, cancel, recent)
        line = self._script.line
        share = float(np.square(audio).sum() / np.square(line.audio).sum())
        words = line.text.split()
        return Transcript(" ".join(words if share > WHOLE else words[: int(share * len(words))]))


class ScriptedChat(LlamaCppChat):
    """Draws and evaluates as many tokens as the scripted reply has, and gives out its words."""

    def __init__(self, model: Path, script: Script, **settings: Any) -> None:
        super().__init__(model, **settings)
        self._script = script

    def _generate(self, room: int, reply: ReplyFilter, cancel: CancelToken) -> Iterator[str]:  # noqa: ARG002
        owed = 0.0
        for number, word in enumerate(self._script.line.reply.split(" ")):
            owed += TOKENS_PER_WORD
            while owed >= 1:
                owed -= 1
                cancel.check()
                self._runtime.extend(self._runtime.sample())
            yield word if not number else f" {word}"


@dataclass(frozen=True, slots=True)
class EngineSet:
    """The engines of one configuration.

    Attributes:
        config: The configuration that they were made from.
        script: What they hear and say.
        ear: The transcriber as knik uses it.
        full_ear: The same model, encoding the full window of 30 s.
        chat: The chat model.
        voice: The synthesizer.
    """

    config: Config
    script: Script
    ear: Any
    full_ear: Any
    chat: Any
    voice: Any

    @property
    def loaders(self) -> EngineLoaders:
        """For a session; it finds everything loaded."""
        return EngineLoaders(lambda: self.ear, lambda: self.chat, lambda: self.voice)

    def close(self) -> None:
        """Free the models."""
        for engine in (self.ear, self.full_ear, self.chat, self.voice):
            engine._engine.close()


def open_engines(settings: Mapping[str, object], lines: list[Line]) -> EngineSet:
    """Load the models that `settings` name; they hear and say `lines`, with the work that takes."""
    config = load(None, {}, dict(settings)).config
    full = load(None, {}, {**settings, "stt.short_context": "off"}).config
    script = Script(lines)
    chat = ScriptedChat(
        Path(config.chat.model),
        script,
        context=config.chat.context,
        threads=config.chat.threads,
        temperature=config.chat.temperature,
        seed=1,
    )
    return EngineSet(
        config,
        script,
        ScriptedEar(transcriber_loader(config)(), script),
        ScriptedEar(transcriber_loader(full)(), script),
        Kept(chat),
        Kept(synthesizer_loader(config)()),
    )
