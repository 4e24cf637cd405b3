"""Long answers over an open loudspeaker while other programs keep the cores busy.

    uv run python -m benchmarks.busy [--programs 0,2,3] [--answers 8] [--json FILE]

`knik chat` with its built-in engines over the virtual sound card, whose microphone hears the speaker. Nobody
may break an answer off but the user: of the answers, how many were spoken to their end, and of as many
interruptions two to four seconds into an answer, how many broke it off.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.common import arguments, markdown, report
from knik.audio.frames import SAMPLE_RATE
from tests.rig.chat_process import PATIENCE, ChatProcess, Event
from tests.rig.pulse import VirtualCard
from tests.rig.voices import spoken

VOICE = "en-us+f2"
QUESTION, INTERRUPTION = "what can you do", "what time is it"
"""The answer to the question takes ten seconds."""

SPOKEN_FOR = (2.2, 3.0, 3.8)
"""Seconds of the answer before it is interrupted, in turns: at first the canceller learns."""

BUSY = "while True: pass"


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--programs", default="0,2,3", help="how many keep the cores busy, one after another")
    parser.add_argument("--answers", type=int, default=8)
    options = parser.parse_args()
    answers = 2 if options.quick else options.answers
    table = []
    with tempfile.TemporaryDirectory() as nothing:
        os.environ["KNIK_MODELS_DIR"] = nothing
        for programs in map(int, options.programs.split(",")):
            with keeping_busy(programs):
                finished = sum(is_finished() for _ in range(answers))
                heard = sum(is_heard(SPOKEN_FOR[n % len(SPOKEN_FOR)]) for n in range(answers))
            table.append(
                {
                    "other programs": str(programs),
                    "answers spoken to the end": f"{finished} of {answers}",
                    "interruptions heard": f"{heard} of {answers}",
                }
            )
            print(markdown(table), flush=True)
    report("busy machine", [], options.json, facts={"busy": table})


@contextmanager
def keeping_busy(programs: int) -> Iterator[None]:
    """So many processes compute without end until the block ends."""
    started = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(programs)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def is_finished() -> bool:
    """Whether one answer is spoken to its end."""
    with laptop() as card, ChatProcess(env=card.env) as chat:
        ask(card, chat)
        return outcome(chat) == "answered"


def is_heard(after: float) -> bool:
    """Whether somebody who interrupts after so many seconds breaks the answer off."""
    with laptop() as card, card.recording() as air, ChatProcess(env=card.env) as chat:
        ask(card, chat)
        air.wait_for_the_speaker(PATIENCE)
        time.sleep(after)
        before = any(event["event"] == "turn" and event["outcome"] == "interrupted" for event in chat.events)
        card.play(spoken(INTERRUPTION, VOICE), SAMPLE_RATE)
        return not before and outcome(chat) == "interrupted"


@contextmanager
def laptop() -> Iterator[VirtualCard]:
    """A sound card whose microphone hears the speaker."""
    with VirtualCard() as card:
        card.open_the_speaker()
        yield card


def ask(card: VirtualCard, chat: ChatProcess) -> None:
    """Ask for the long answer."""
    chat.wait_until_listening()
    card.play(spoken(QUESTION, VOICE), SAMPLE_RATE)
    chat.wait_for(lambda event: event["event"] == "user")


def outcome(chat: ChatProcess) -> str:
    """What became of the answer."""

    def is_over(event: Event) -> bool:
        return bool(event["event"] == "turn" and event["outcome"] in ("answered", "interrupted"))

    return str(chat.wait_for(is_over)["outcome"])


if __name__ == "__main__":
    main()
