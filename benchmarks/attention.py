"""What llama.cpp's flash attention does to the first token of an answer, on a CPU.

A question of twenty tokens behind conversations of different lengths, and the tokens of the answer after it,
with and without it, on models of full size.
"""

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from unittest.mock import patch

from benchmarks.common import Row, arguments, compare, report
from knik.cancel import CancelToken
from knik.engines import llama_runtime
from knik.engines.llama_runtime import LlamaRuntime, Sampling
from tests.rig.fullsize import llama, models

CONTEXTS = (80, 300, 800, 2000)
"""Tokens of the conversation; 80 are knik's own system prompt, 2000 more than it looks back at by itself."""

QUESTION = 20
ANSWER = 8
"""Tokens; the answer's are those of a first clause."""

KINDS = {"as llama.cpp chooses": -1, "plain": llama_runtime.PLAIN_ATTENTION}
"""llama.h's LLAMA_FLASH_ATTN_TYPE_AUTO and what knik takes."""


def drawn(chance: random.Random, tokens: int) -> list[int]:
    """Tokens of words."""
    return [chance.randrange(300, 3000) for _ in range(tokens)]


def answer(runtime: LlamaRuntime, prompt: Sequence[int]) -> tuple[float, float]:
    """Seconds until the prompt is evaluated, and of each token after it."""
    began = time.perf_counter()
    runtime.evaluate(prompt, CancelToken())
    asked = time.perf_counter()
    for _ in range(ANSWER):
        runtime.extend(runtime.sample())
    return asked - began, (time.perf_counter() - asked) / ANSWER


def rows(size: str, repetitions: int) -> Iterator[Row]:
    """The question and the tokens of the answer, for every length of conversation."""
    chance = random.Random(1)
    with ExitStack() as open_models:
        runtimes = {}
        for name, kind in KINDS.items():
            with patch.object(llama_runtime, "PLAIN_ATTENTION", kind):
                runtime = LlamaRuntime(models.llama_file(size), context=4096, threads=0, gpu_layers=0)
            runtime.begin_sampling(Sampling(seed=1))
            runtimes[name] = open_models.enter_context(closing(runtime))
        for context in CONTEXTS:
            before = drawn(chance, context)
            for runtime in runtimes.values():
                runtime.evaluate(before, CancelToken())
            taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runtimes}
            for _ in range(repetitions):
                prompt = [*before, *drawn(chance, QUESTION)]
                for name, runtime in runtimes.items():
                    taken[name].append(answer(runtime, prompt))
            for part, what in enumerate(("question", "each token of the answer")):
                cases = {name: [pair[part] for pair in pairs] for name, pairs in taken.items()}
                yield from compare(cases, next(iter(KINDS)), group=f"llama {size}, {context} tokens, {what}")


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__).parse_args()
    repetitions = 3 if options.quick else 21
    found = [row for size in llama.SIZES for row in rows(size, repetitions)]
    report("Attention on a CPU", found, options.json)


if __name__ == "__main__":
    main()
