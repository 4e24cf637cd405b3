"""How soon the first sound could come at best, if all that can be known before the end of speech were known.

What is left then, with the engines that `latency` was measured with: the pause that tells that somebody may
have finished; encoding the utterance and writing its last word, since nobody hears a word before it was said;
evaluating that word and the tokens before the answer; writing the first clause; and its synthesis. The last
two are taken from the report of `latency`, the others are measured.
"""

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.common import Row, arguments, interleave, read_report, report
from benchmarks.dialogue import recorded_lines
from benchmarks.latency import SETS, SILENCE
from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.config.schema import Config
from knik.engines.faster_whisper import FasterWhisperTranscriber
from knik.engines.llama_runtime import LlamaRuntime, Sampling
from knik.engines.whisper_windows import pad, short_window
from tests.rig.fullsize import models

LAST_WORD = 2
"""Tokens: the word and the end."""

LAST_PROMPT = 8
"""Tokens: the word, its mark, and those around the turns."""

CONTEXT = 120
"""Tokens that were evaluated before: the system prompt and some turns' words."""


def hear(engine: FasterWhisperTranscriber, audio: Samples) -> None:
    """Encode the utterance, and write its last word."""
    features = engine._features(audio)
    encoded = engine._model.encode(pad(features, short_window(features.shape[1])))
    engine._decode(encoded, engine._decoding("en"), "", LAST_WORD)


def ask(runtime: LlamaRuntime) -> float:
    """Seconds until the last tokens are evaluated and the next one is drawn."""
    before = list(range(500, 500 + CONTEXT))
    runtime.evaluate(before, CancelToken())
    began = time.perf_counter()
    runtime.evaluate([*before, *range(900, 900 + LAST_PROMPT)], CancelToken())
    runtime.sample()
    return time.perf_counter() - began


def heard(size: str, repetitions: int) -> float:
    """Seconds of `hear`, in the median of the recordings."""
    with closing(
        FasterWhisperTranscriber(
            models.whisper_folder(size, 5), device="cpu", language="en", short_context=True
        )
    ) as engine:
        cases = {
            str(number): partial(hear, engine, line.audio) for number, line in enumerate(recorded_lines(5))
        }
        samples = interleave(cases, repetitions)
    return statistics.median(value for values in samples.values() for value in values)


def asked(size: str, repetitions: int) -> float:
    """Seconds of `ask`, in the median."""
    with closing(LlamaRuntime(models.llama_file(size), context=1024, threads=0, gpu_layers=0)) as runtime:
        runtime.begin_sampling(Sampling(seed=1))
        return statistics.median(interleave({"ask": partial(ask, runtime)}, repetitions, warm_up=2)["ask"])


def rows(measured: Sequence[Row], repetitions: int) -> Iterator[Row]:
    """For every set: the parts, their sum in every turn, and what it is to the floors."""
    pause = Config().endpoint.pause_ms / 1000
    for name, (ear, chat, _) in SETS.items():
        stages = {row.name.strip(): row.samples for row in measured if row.group == name}
        listening, asking = heard(ear, repetitions), asked(chat, repetitions)
        yield Row("pause", (pause,), group=name)
        yield Row("encoder and last word", (listening,), group=name)
        yield Row("last word and tokens before the answer", (asking,), group=name)
        turns = zip(stages["first_token"], stages["first_clause"], stages["first_audio"], strict=True)
        words_known = pause + listening
        least, plain, own = [], [], []
        for token, clause, audio in turns:
            least.append(words_known + asking + clause - token + audio)
            plain.append(least[-1] / (SILENCE + audio))
            own.append(least[-1] / (words_known + audio))
        yield Row("first sound at best", tuple(least), group=name)
        yield Row(f"times {SILENCE:g} s + first clause", tuple(plain), "", group=name)
        yield Row("times words known + first clause", tuple(own), "", group=name)


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument(
        "--latency", type=Path, default=Path("docs/benchmarks/latency.json"), help="the report of latency"
    )
    options = parser.parse_args()
    measured, _ = read_report(options.latency)
    found = list(rows(measured, 3 if options.quick else 11))
    report("First sound at best", found, options.json)


if __name__ == "__main__":
    main()
