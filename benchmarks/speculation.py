"""Whether speculative decoding pays for short spoken replies on this machine.

A drafted token is only for free where evaluating several tokens at once costs no more than evaluating
one. Measured is what a batch of n tokens costs, each with its logits, on models of full size; from that
follows how many drafted tokens have to be right. How many would be is counted on conversations in plain
text (`tests/rig/micro/phrases.py` and `benchmarks/dialogue.py`), cut into words and marks: random weights
accept nothing.
"""

import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from benchmarks.common import Row, Spread, arguments, compare, interleave, report
from benchmarks.dialogue import QUESTIONS, REPLIES
from knik.cancel import CancelToken
from knik.config.schema import SYSTEM_PROMPT
from knik.engines.llama_runtime import LlamaRuntime
from tests.rig.fullsize import llama, models
from tests.rig.micro.phrases import PHRASES

CONTEXT = 300
"""Tokens that are in the cache when a batch is evaluated."""

BATCHES = (1, 2, 3, 4, 6, 8)
DRAFT = 3
"""Tokens drafted at a time."""

NGRAM = 2
"""Last tokens that have to be found again before what followed them is drafted, as in
llama-cpp-python's LlamaPromptLookupDecoding."""

CONVERSATIONS = 50
TURNS = 10

_TOKEN = re.compile(r"\w+|[^\w\s]")


def evaluate(runtime: LlamaRuntime, tokens: Sequence[int]) -> float:
    """Seconds to evaluate tokens with the logits of each behind the context, which stays as it was."""
    lib = runtime._llama
    batch = lib.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for i, token in enumerate(tokens):
        batch.token[i], batch.pos[i], batch.n_seq_id[i] = token, CONTEXT + i, 1
        batch.seq_id[i][0], batch.logits[i] = 0, True
    start = time.perf_counter()
    if lib.llama_decode(runtime._context, batch) != 0:
        raise RuntimeError("llama.cpp could not evaluate the batch.")
    lib.llama_get_logits_ith(runtime._context, len(tokens) - 1)
    taken = time.perf_counter() - start
    lib.llama_memory_seq_rm(runtime._memory, 0, CONTEXT, -1)
    lib.llama_batch_free(batch)
    return taken


def costs(size: str, repetitions: int) -> dict[int, list[float]]:
    """Seconds of a batch, by its tokens."""
    runtime = LlamaRuntime(models.llama_file(size), context=1024, threads=0, gpu_layers=0)
    with closing(runtime):
        runtime.evaluate([100 + i for i in range(CONTEXT)], CancelToken())
        cases = {str(n): partial(evaluate, runtime, [500 + i for i in range(n)]) for n in BATCHES}
        samples = interleave(cases, repetitions, warm_up=2)
    return {int(name): values for name, values in samples.items()}


@dataclass(slots=True)
class Tally:
    """What prompt lookup would have done with some replies.

    Attributes:
        tokens: Of the replies.
        plain: Steps without a draft.
        drafts: Steps with one.
        right: Drafted tokens that were right, those behind a wrong one not counted.
    """

    tokens: int = 0
    plain: int = 0
    drafts: int = 0
    right: int = 0

    def time(self, cost: Mapping[int, float]) -> float:
        """Relative to writing the same tokens one by one."""
        return (self.plain * cost[1] + self.drafts * cost[DRAFT + 1]) / (self.tokens * cost[1])


def lookup(before: Sequence[str]) -> Sequence[str]:
    """The draft: what followed the last tokens where they were written last."""
    wanted = before[-NGRAM:]
    for start in range(len(before) - NGRAM - 1, -1, -1):
        if before[start : start + NGRAM] == wanted:
            return before[start + NGRAM : start + NGRAM + DRAFT]
    return ()


def write(before: list[str], reply: list[str], tally: Tally) -> None:
    """Count the steps that `reply` takes behind `before`."""
    done = 0
    tally.tokens += len(reply)
    while done < len(reply):
        draft = lookup([*before, *reply[:done]])
        right = 0
        while right < len(draft) and done + right < len(reply) and draft[right] == reply[done + right]:
            right += 1
        tally.drafts += bool(draft)
        tally.plain += not draft
        tally.right += right
        done += right + 1


def converse() -> Tally:
    """Conversations of short turns in random order, as a chat model gets to see them."""
    known = [(phrase.utterance, phrase.reply) for phrase in PHRASES]
    known += zip(QUESTIONS, REPLIES, strict=True)
    tally, chance = Tally(), random.Random(1)
    for _ in range(CONVERSATIONS):
        before = _TOKEN.findall(SYSTEM_PROMPT)
        for asked, answered in chance.sample(known, TURNS):
            before += _TOKEN.findall(asked)
            reply = _TOKEN.findall(answered)
            write(before, reply, tally)
            before += reply
    return tally


def break_even(draft: float, verify: float) -> float:
    """The share of drafted tokens that has to be right for a draft of `DRAFT` to pay.

    With the share a, each token independent of the others, a step writes 1 + a + ... + a^DRAFT tokens
    (Leviathan et al. 2023, equation 1). Both costs in units of one token of the large model. A result
    above 1 is how many times as long it takes with every token right.
    """
    wanted = draft * DRAFT + verify
    low, high = 0.0, 1.0
    if wanted > DRAFT + 1:
        return wanted / (DRAFT + 1)
    for _ in range(40):
        middle = (low + high) / 2
        written = sum(middle**i for i in range(DRAFT + 1))
        low, high = (middle, high) if written < wanted else (low, middle)
    return high


def rows(sizes: Sequence[str], repetitions: int) -> Iterator[Row]:
    """Costs of the batches, then what they mean."""
    tally = converse()
    found = {size: costs(size, repetitions) for size in sizes}
    for size, samples in found.items():
        cases = {f"{n} tokens": values for n, values in samples.items()}
        yield from compare(cases, "1 tokens", group=f"llama {size}, one batch")
    for size, samples in found.items():
        cost = {n: Spread.of(values).median for n, values in samples.items()}
        verify = cost[DRAFT + 1] / cost[1]
        group = f"llama {size}, drafts of {DRAFT}"
        yield Row("prompt lookup: share to break even", (break_even(0.0, verify),), "", group)
        yield Row("  share found", (tally.right / (DRAFT * tally.drafts),), "", group)
        yield Row("  steps with a draft", (tally.drafts / (tally.drafts + tally.plain),), "", group)
        yield Row("  time of a reply to that without", (tally.time(cost),), "", group)
        if size != sizes[0]:
            draft = Spread.of(found[sizes[0]][1]).median / cost[1]
            name = f"draft by llama {sizes[0]}: share to break even"
            yield Row(name, (break_even(draft, verify),), "", group)


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__).parse_args()
    found = list(rows(tuple(llama.SIZES), 5 if options.quick else 31))
    report("Speculative decoding", found, options.json, facts={"context": CONTEXT, "ngram": NGRAM})


if __name__ == "__main__":
    main()
