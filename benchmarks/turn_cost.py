"""What a turn costs: processor time from the beginning of a question to the end of its answer, and memory.

`knik chat` in a process of its own over the virtual sound card, with the built-in engines and with every set
of full-size models; one turn to warm up, then those that count. Beside it, how long such a turn lasts.
"""

import os
import tempfile
import time
from collections.abc import Mapping

from benchmarks.common import Row, arguments, report
from benchmarks.footprint import environment, family, memory, used, with_builtin
from knik.audio.frames import SAMPLE_RATE
from tests.rig.chat_process import ChatProcess
from tests.rig.pulse import VirtualCard
from tests.rig.voices import spoken

QUESTION = "what can you do"
"""The built-in engines answer it in three sentences; the models, whatever they hear, in three others."""

PAUSE = 2.0
"""Seconds between two turns."""

REPLY_TOKENS = 47
"""Of the models' three sentences."""


def turns(
    card: VirtualCard, settings: Mapping[str, object], count: int
) -> tuple[list[float], list[float], float]:
    """Processor seconds and wall seconds of each turn, and MiB after the last."""
    cost, length = [], []
    question = spoken(QUESTION, "en-us+f2")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["KNIK_MODELS_DIR"] = empty
        env = {**card.env, "XDG_CACHE_HOME": empty, **environment(settings)}
        with ChatProcess(env=env) as chat:
            chat.wait_until_listening()
            for number in range(count + 1):
                time.sleep(PAUSE)
                processes = family(chat.process.pid)
                before, began = used(processes), time.monotonic()
                card.play(question, SAMPLE_RATE)
                answered = number + 1
                chat.wait_for(lambda _, wanted=answered: answers(chat) >= wanted)
                if number:
                    cost.append(used(processes) - before)
                    length.append(time.monotonic() - began)
            return cost, length, memory(processes)


def answers(chat: ChatProcess) -> int:
    """Turns that were answered so far."""
    return sum(event["event"] == "turn" and event["outcome"] == "answered" for event in chat.events)


def rows(count: int) -> list[Row]:
    """The built-in engines first, then every set."""
    short = {"chat.max_tokens": REPLY_TOKENS}
    found: list[Row] = []
    with VirtualCard() as card:
        for name, settings in with_builtin().items():
            cost, length, held = turns(card, {**settings, **short}, count)
            notes = {"memory": f"{held:,.0f} MiB"}
            found.append(Row("processor time", tuple(cost), "s", name, notes=notes))
            found.append(Row("  the turn lasts", tuple(length), "s", name))
    return found


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__).parse_args()
    report("What a turn costs", rows(1 if options.quick else 2), options.json)


if __name__ == "__main__":
    main()
