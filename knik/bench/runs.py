"""Runs recordings through the engines and the very pipeline of `knik chat`."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.processing import process_all
from knik.audio.wavfile import WavDevice, read_audio
from knik.bench.conditions import Condition
from knik.bench.references import Recording
from knik.bench.results import Measurement, Results, Skipped
from knik.bench.scoring import Score, score
from knik.bench.surroundings import watched
from knik.cancel import CancelToken
from knik.config.schema import Config
from knik.engines.protocols import Transcriber
from knik.errors import KnikError
from knik.session.assembly import engine_loaders, transcriber_loader
from knik.session.pipeline import EngineLoaders
from knik.session.session import Session
from knik.session.setup import make_ears, processor_maker, session_settings
from knik.text.transcripts import clean_transcript
from knik.trace.turns import Tracer

LEAD_SECONDS = 2.0
"""Silence before the recording, in which the engines load and prompts are prefilled."""

PATIENCE_SECONDS = 120.0

Advance = Callable[[Recording], None]


def run_stt(
    condition: Condition, files: Sequence[Recording], repeats: int, results: Results, advance: Advance
) -> None:
    """Transcribe every recording `repeats` times; `results` grows as it goes.

    Raises:
        KnikError: The transcriber cannot be loaded.
    """
    config = condition.config
    engine = transcriber_loader(config)()
    results.engines = {"stt": engine.info.name}
    try:
        _warm_up(engine, results)
        for repeat in range(1, repeats + 1):
            for recording in files:
                with skipping(recording, repeat, results):
                    audio = _processed(condition.mix(read_audio(recording.path)), config)
                    results.measurements.append(_transcribed(engine, recording, audio, repeat, config))
                advance(recording)
    finally:
        engine.close()


def _processed(audio: Samples, config: Config) -> Samples:
    """As the ears would hand it over."""
    make = processor_maker(config.audio)
    return audio if make is None else process_all(make(), audio)


def _warm_up(engine: Transcriber, results: Results) -> None:
    started = time.perf_counter()
    engine.transcribe(np.zeros(SAMPLE_RATE, np.float32), CancelToken())
    results.warm_up = {"stt": time.perf_counter() - started}


def _transcribed(
    engine: Transcriber, recording: Recording, audio: Samples, repeat: int, config: Config
) -> Measurement:
    started = time.perf_counter()
    with watched() as surroundings:
        heard = clean_transcript(engine.transcribe(audio, CancelToken()).text)
        seconds = time.perf_counter() - started
    return Measurement(
        recording.path,
        repeat,
        audio.size / SAMPLE_RATE,
        {"stt": seconds},
        heard,
        _score(recording, heard, config),
        surroundings=surroundings,
    )


def run_turns(
    condition: Condition, files: Sequence[Recording], repeats: int, results: Results, advance: Advance
) -> None:
    """Hold a turn about every recording, fed in real time, the answer played into nothing.

    Raises:
        KnikError: An engine cannot be loaded.
    """
    config = condition.config
    with loaded_once(engine_loaders(config)) as loaders, tempfile.TemporaryDirectory() as folder:
        results.engines = engine_names(loaders)
        _warm_up_turn(config, loaders, files, results)
        for repeat in range(1, repeats + 1):
            for recording in files:
                with skipping(recording, repeat, results):
                    heard = recording
                    if condition.noise:
                        heard = replace(recording, path=Path(folder) / f"{recording.path.stem}.wav")
                        soundfile.write(heard.path, condition.mix(read_audio(recording.path)), SAMPLE_RATE)
                    measured = _turn(config, loaders, heard, repeat)
                    results.measurements.append(replace(measured, path=recording.path))
                advance(recording)


@contextmanager
def loaded_once(loaders: EngineLoaders) -> Iterator[EngineLoaders]:
    """Loaders that give the same loaded engines to one session after another, until the block ends."""
    with ExitStack() as stack:

        def once(load: Callable[[], Any] | None) -> Callable[[], Any] | None:
            return None if load is None else partial(_Kept, stack.enter_context(closing(load())))

        chat = once(loaders.chat)
        assert chat is not None
        yield EngineLoaders(once(loaders.transcriber), chat, once(loaders.synthesizer), loaders.notes)


def engine_names(loaders: EngineLoaders) -> dict[str, str]:
    """Of the loaded engines, by what they do."""
    found = {"stt": loaders.transcriber, "chat": loaders.chat, "tts": loaders.synthesizer}
    return {kind: load().info.name for kind, load in found.items() if load is not None}


class _Kept:
    """An engine that its session does not close."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Stays loaded for the next session."""


def _warm_up_turn(
    config: Config, loaders: EngineLoaders, files: Sequence[Recording], results: Results
) -> None:
    """A turn about the first recording that can be used; it does not count."""
    for recording in files:
        with skipping(recording, 0, results):
            results.warm_up = dict(_turn(config, loaders, recording, 0).seconds)
            return


def _turn(config: Config, loaders: EngineLoaders, recording: Recording, repeat: int) -> Measurement:
    made: list[Session] = []
    device = WavDevice(
        recording.path,
        None,
        realtime=True,
        lead=LEAD_SECONDS,
        on_input_end=lambda: made[0].end_when_quiet(),
        on_error=lambda error: made[0].fail(error),
    )
    tracer = Tracer()
    session = Session(loaders, device, make_ears(config), session_settings(config), tracer)
    made.append(session)
    with watched() as surroundings, session:
        session.wait(PATIENCE_SECONDS)
    answered = [t for t in tracer.finished if "total" in t.seconds]
    said = " ".join(t.user for t in tracer.finished if t.user)
    if not answered:
        raise KnikError(f"{recording.path}: nothing was answered.", "Is there speech in it?")
    return Measurement(
        recording.path,
        repeat,
        device.seconds,
        {str(stage): seconds for stage, seconds in answered[0].seconds.items()},
        said,
        _score(recording, said, config),
        answered[0].assistant,
        surroundings,
    )


def _score(recording: Recording, heard: str, config: Config) -> Score | None:
    if recording.reference is None:
        return None
    return score(recording.reference, heard, config.stt.language or "en")


@contextmanager
def skipping(recording: Recording, repeat: int, results: Results) -> Iterator[None]:
    """A broken file is counted and left out."""
    try:
        yield
    except (KnikError, soundfile.LibsndfileError) as error:
        if repeat == 1:
            results.skipped.append(Skipped(recording.path, str(error)))
