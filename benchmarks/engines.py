"""How fast knik's engine classes are on models of full size (random weights, see tests/rig/fullsize).

Whisper with the full and with the short window; llama's time to the first token from a cold prompt and
from a kept one; Kokoro's first clause in single precision and in int8.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.common import Row, arguments, compare, interleave, model_sizes, report
from knik.cancel import Cancelled, CancelToken
from knik.config.schema import SYSTEM_PROMPT
from knik.engines.cores import compute_threads
from knik.engines.faster_whisper import RECENT_TOKENS, FasterWhisperTranscriber
from knik.engines.kokoro import SAMPLE_RATE, KokoroSynthesizer
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message, VoiceSettings
from tests.rig.fullsize import kokoro, llama, models, whisper
from tests.rig.fullsize.llama_vocabulary import REPLY

SECONDS = (2, 3, 5, 10)
QUESTION = "What will the weather be like in the mountains on Sunday?"
OTHER = [Message("user", "Something else.")]
EARLIER_TURNS = 10
TOKENS_BEHIND = 3
"""Tokens of the transcript that follow recent words."""
CLAUSES = {"first clause": "Sure, it will be mostly sunny.", "sentence": REPLY.partition(". ")[0] + "."}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to measure."""

    whisper: tuple[str, ...] = tuple(whisper.SIZES)
    seconds: tuple[int, ...] = SECONDS
    llama: tuple[str, ...] = tuple(llama.SIZES)
    repetitions: int = 7


QUICK = Plan(("base.en",), (3,), ("0.5b",), 3)


def whisper_rows(plan: Plan) -> Iterator[Row]:
    """Transcribing noise of a given length; the model writes three tokens a second of it."""
    for size in plan.whisper:
        for seconds in plan.seconds:
            audio = (0.1 * np.random.default_rng(0).standard_normal(16_000 * seconds)).astype(np.float32)
            folder = models.whisper_folder(size, seconds)
            with (
                closing(FasterWhisperTranscriber(folder, device="cpu", language="en")) as full,
                closing(
                    FasterWhisperTranscriber(folder, device="cpu", language="en", short_context=True)
                ) as short,
            ):
                cases = {
                    name: partial(
                        _transcribe, engine, audio, whisper.said(whisper.TOKENS_PER_SECOND * seconds)
                    )
                    for name, engine in (("full window", full), ("short_context", short))
                }
                samples = interleave(cases, plan.repetitions)
            yield from compare(samples, "full window", group=f"Whisper {size}, {seconds} s")


def recent_rows(plan: Plan) -> Iterator[Row]:
    """Transcribing 3 s of noise, with the words of the last reply to be read before.

    Three tokens are written with and without them: the dummies go by the position, and so many are left of
    their words behind such a prompt.
    """
    audio = (0.1 * np.random.default_rng(0).standard_normal(16_000 * 3)).astype(np.float32)
    for size in plan.whisper:
        with closing(
            FasterWhisperTranscriber(
                models.whisper_folder(size, TOKENS_BEHIND / whisper.TOKENS_PER_SECOND),
                device="cpu",
                language="en",
                short_context=True,
                recent_words=True,
            )
        ) as engine:
            cases = {
                "nothing before": partial(_transcribe, engine, audio, whisper.said(TOKENS_BEHIND)),
                f"{RECENT_TOKENS} tokens before": partial(
                    _transcribe, engine, audio, " ".join(whisper.WORDS[-TOKENS_BEHIND:]), REPLY
                ),
            }
            samples = interleave(cases, plan.repetitions)
        yield from compare(samples, "nothing before", group=f"Whisper {size}, 3 s, recent words")


def _transcribe(engine: FasterWhisperTranscriber, audio: np.ndarray, said: str, recent: str = "") -> float:
    start = time.perf_counter()
    heard = engine.transcribe(audio, CancelToken(), recent)
    taken = time.perf_counter() - start
    # A rejected short window is tried again with the full one, which would not be what is measured.
    if heard.text != said:
        raise RuntimeError(f"Whisper said {heard.text!r}.")
    return taken


@dataclass(slots=True)
class FirstToken:
    """Times the first token of the reply to `prompt`, when the cache holds `before`.

    Attributes:
        evaluated: Tokens that were evaluated between the question and the first token.
    """

    engine: LlamaCppChat
    prompt: Sequence[Message]
    before: Sequence[Message]
    evaluated: int = 0

    def __call__(self) -> float:
        cancel = CancelToken()
        # What the last round asked must not be in the cache any more.
        self.engine.prefill(OTHER, cancel)
        self.engine.prefill(self.before, cancel)
        known = self.engine.evaluated_tokens
        start = time.perf_counter()
        reply = self.engine.stream(self.prompt, cancel)
        next(reply)
        taken = time.perf_counter() - start
        self.evaluated = self.engine.evaluated_tokens - known
        cancel.cancel()
        with suppress(Cancelled):
            list(reply)
        return taken


def llama_rows(plan: Plan) -> Iterator[Row]:
    """Time to the first token at the first and at a later turn, then tokens a second."""
    system = [Message("system", SYSTEM_PROMPT)]
    ask = Message("user", QUESTION)
    turn = [Message("user", "Tell me about the mountains, please."), Message("assistant", REPLY)]
    earlier = [*system, *turn * EARLIER_TURNS]
    for size in plan.llama:
        with closing(_llama(size)) as engine:
            for turn_name, kept in (("first turn", system), (f"turn {EARLIER_TURNS + 1}", earlier)):
                prompt = [*kept, ask]
                cases = {
                    "cold": FirstToken(engine, prompt, OTHER),
                    "kept": FirstToken(engine, prompt, kept),
                }
                samples = interleave(cases, plan.repetitions)
                notes = {name: {"tokens evaluated": str(case.evaluated)} for name, case in cases.items()}
                group = f"llama {size}, time to first token, {turn_name}"
                yield from compare(samples, "cold", group=group, notes=notes)
    yield from _generation_rows(plan, [*system, ask])


def _generation_rows(plan: Plan, prompt: Sequence[Message]) -> list[Row]:
    engines = {f"llama {size}": _llama(size) for size in plan.llama}
    cases = {name: partial(_tokens_per_second, engine, prompt) for name, engine in engines.items()}
    samples = interleave(cases, plan.repetitions)
    for engine in engines.values():
        engine.close()
    group = f"generation, {llama.REPLY_TOKENS} tokens"
    return compare(samples, next(iter(samples)), unit="tok/s", group=group)


def _llama(size: str) -> LlamaCppChat:
    return LlamaCppChat(models.llama_file(size), temperature=0.0, max_tokens=llama.REPLY_TOKENS)


def _tokens_per_second(engine: LlamaCppChat, prompt: Sequence[Message]) -> float:
    reply = engine.stream(prompt, CancelToken())
    next(reply)
    start = time.perf_counter()
    list(reply)
    return (llama.REPLY_TOKENS - 1) / (time.perf_counter() - start)


def kokoro_rows(plan: Plan) -> Iterator[Row]:
    """Synthesis of a whole clause, which is heard when it is done."""
    engines = {}
    for name in kokoro.PRECISIONS:
        folder = models.kokoro_folder(name)
        engines[name] = KokoroSynthesizer(folder / f"kokoro-{name}.onnx", folder / "voices.bin")
    for name, clause in CLAUSES.items():
        lengths = {precision: _speak(engine, clause) for precision, engine in engines.items()}
        cases = {precision: partial(_time_to_speak, engine, clause) for precision, engine in engines.items()}
        samples = interleave(cases, plan.repetitions)
        notes = {
            precision: {"real-time factor": f"{statistics.median(taken) / lengths[precision]:.3f}"}
            for precision, taken in samples.items()
        }
        group = f"Kokoro, {name} ({len(clause)} characters, {lengths['fp32']:.2f} s)"
        yield from compare(samples, "fp32", group=group, notes=notes)
    for engine in engines.values():
        engine.close()


def _speak(engine: KokoroSynthesizer, clause: str) -> float:
    """Seconds of sound."""
    chunks = engine.synthesize(clause, VoiceSettings(kokoro.VOICE), CancelToken())
    return sum(chunk.samples.size for chunk in chunks) / SAMPLE_RATE


def _time_to_speak(engine: KokoroSynthesizer, clause: str) -> float:
    start = time.perf_counter()
    _speak(engine, clause)
    return time.perf_counter() - start


PARTS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "whisper": whisper_rows,
    "recent": recent_rows,
    "llama": llama_rows,
    "kokoro": kokoro_rows,
}


def main() -> None:
    """Measure the parts that are asked for."""
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="the parts to measure")
    parser.add_argument("--whisper", nargs="+", choices=list(whisper.SIZES), help="the sizes of Whisper")
    wanted = parser.parse_args()
    plan = QUICK if wanted.quick else Plan()
    if wanted.whisper:
        plan = replace(plan, whisper=tuple(wanted.whisper))
    parts = wanted.only or list(PARTS)
    rows = [row for part in parts for row in PARTS[part](plan)]
    facts = {"threads": compute_threads(0), "window": "knik.engines.whisper_windows.short_window"}
    report("Engines", rows, wanted.json, models=model_sizes(_used(plan, parts)), facts=facts)


def _used(plan: Plan, parts: Sequence[str]) -> dict[str, Path]:
    sizes = {"whisper": plan.whisper, "recent": (), "llama": plan.llama, "kokoro": tuple(kokoro.PRECISIONS)}
    names = [f"{part}/{size}" for part in parts for size in sizes[part]]
    return {name: models.model(name) for name in names}


if __name__ == "__main__":
    main()
