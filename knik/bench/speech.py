"""How fast a text is spoken."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from knik.bench.results import Measurement, Results
from knik.cancel import CancelToken
from knik.config.schema import Config
from knik.engines.protocols import VoiceSettings
from knik.errors import KnikError
from knik.session.assembly import synthesizer_loader
from knik.text.clauses import ClauseSplitter
from knik.text.normalise import speech_text


def lines_of(path: Path) -> list[str]:
    """The lines of a text file that hold words.

    Raises:
        KnikError: It cannot be read or is empty.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise KnikError(f"{path}: cannot be read as text ({error}).", exit_code=2) from error
    if not lines:
        raise KnikError(f"{path}: holds no text.", exit_code=2)
    return lines


def run_tts(
    config: Config,
    path: Path,
    lines: Sequence[str],
    repeats: int,
    results: Results,
    advance: Callable[[str], None],
) -> None:
    """Speak every line clause by clause, into nothing; `first_audio` and `synthesis` are measured.

    Raises:
        KnikError: The synthesizer cannot be loaded.
    """
    engine = synthesizer_loader(config)()
    results.engines = {"tts": engine.info.name}
    voice = VoiceSettings(config.tts.voice, config.tts.speed, config.tts.language)
    try:
        started = time.perf_counter()
        list(engine.synthesize("a", voice, CancelToken()))
        results.warm_up = {"first_audio": time.perf_counter() - started}
        for repeat in range(1, repeats + 1):
            for line in lines:
                splitter = ClauseSplitter()
                clauses = [*splitter.feed(line), *splitter.flush()]
                started = time.perf_counter()
                first: float | None = None
                samples = 0
                for text in (speech_text(clause, voice.language or "en-us") for clause in clauses):
                    for chunk in engine.synthesize(text, voice, CancelToken()) if text else ():
                        first = first or time.perf_counter() - started
                        samples += chunk.samples.size
                seconds = {"first_audio": first or 0.0, "synthesis": time.perf_counter() - started}
                audio = samples / engine.sample_rate
                results.measurements.append(Measurement(path, repeat, audio, seconds, line))
                advance(line)
    finally:
        engine.close()
