"""Does the first sound stay as quick when the conversation grows and replies get longer?

Conversations that begin after 2, 20 or 200 turns, and replies of one, two or ten sentences. The first turn
of each is left out: it takes up the remembered conversation, which a real one has evaluated turn by turn.
"""

from benchmarks.common import Row, arguments, compare, read_report, renewed, report
from benchmarks.dialogue import LONG_REPLY, QUESTIONS, REPLIES, recorded_lines
from benchmarks.engine_sets import open_engines
from benchmarks.turns import Exchange, knik_turns
from tests.rig.fullsize.models import dotted

TURNS_BEFORE = (2, 20, 200)
SENTENCES = {
    "one sentence": "The capital of France is Paris, on the river Seine.",
    "two sentences": REPLIES[0],
    "ten sentences": LONG_REPLY,
}


PAUSE = 7.0
"""Seconds after each answer: enough to take up the longest conversation in the first turn."""


def earlier(turns: int) -> list[Exchange]:
    """So many turns that were had before."""
    return [(QUESTIONS[i % 5], REPLIES[i % 5]) for i in range(turns)]


def measured(turns: int, reply: str, before: int) -> list[float]:
    """Seconds to the first sound of each answer but the first."""
    engines = open_engines(dotted("base.en", "0.5b", "fp32"), recorded_lines(turns + 1, reply=reply))
    try:
        answered = knik_turns(engines, earlier(before), pause=PAUSE)
        return [trace.seconds["total"] for line, trace in answered.items() if line > 0]
    finally:
        engines.close()


def conversations(turns: int) -> list[Row]:
    """By length of the conversation."""
    lengths = {f"after {before} turns": measured(turns, REPLIES[0], before) for before in TURNS_BEFORE}
    return compare(lengths, "after 2 turns", group="conversation length")


def replies(turns: int) -> list[Row]:
    """By length of the reply."""
    lengths = {name: measured(turns, reply, 0) for name, reply in SENTENCES.items()}
    return compare(lengths, "one sentence", group="reply length")


PARTS = {"conversations": conversations, "replies": replies}


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument(
        "--only", choices=PARTS, help="one part, beside what the JSON file holds of the other"
    )
    options = parser.parse_args()
    found = read_report(options.json)[0] if options.only and options.json else []
    for name, part in PARTS.items():
        if options.only in (None, name):
            found = renewed(found, part(2 if options.quick else 5))
    report("First sound as things grow (base.en + 0.5B + Kokoro)", found, options.json)


if __name__ == "__main__":
    main()
