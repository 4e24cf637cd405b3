"""What happens to the sound, and to the turns, when the device is unplugged, exchanged, hung or suspended.

Over the virtual sound card, in processes of their own: first the device alone, which plays a tone while a
tone is said into its microphone, then `knik chat` with the built-in engines. Times count from the moment
at which the event is over: a card is there again, another is the default, the computer is awake.
"""

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.common import Row, arguments, report
from knik.audio.frames import SAMPLE_RATE
from tests.rig.chat_process import ChatProcess
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.voices import spoken

OTHER = "other-"
"""The beginning of the names of the second card."""

AWAY = 1.0
ASLEEP = 3.0
"""Seconds without a card, and without a sound server or a running process."""

WATCHED = 4.0
"""Seconds after the event in which the sound has to come back."""

GAP = 0.15
"""Silence, in seconds, that counts as an interruption."""

SHORT_GAP = 0.04
"""The same where streams are opened anew, which takes less than `GAP`: the rig's server has moved the old
ones already, so that only the gap shows when the new ones are there."""

STEADY = 2.0
"""Seconds without interruption after which the sound counts as back."""

AUDIBLE = 0.05
TARGET = 2.0
"""Seconds until sound flows again, and until a question is asked."""

LISTENING_AFTER = 3.0
"""Seconds from the first line to listening engines, on a busy machine."""

VOICE = "en-us+f2"
Process = "subprocess.Popen[Any]"


def _nothing(_card: VirtualCard, _process: Process) -> None:
    """What the machine and the rig do by themselves."""


def _choose_another(card: VirtualCard, _: Process) -> None:
    card.choose(OTHER)


def _pull_one_of_two(card: VirtualCard, _: Process) -> None:
    card.unplug()


def _pull_and_put_back(card: VirtualCard, _: Process) -> None:
    card.unplug()
    time.sleep(AWAY)
    card.plug_in()


def _turn_to_8_khz(card: VirtualCard, _: Process) -> None:
    card.unplug()
    card.plug_in(8_000)


def _hang(card: VirtualCard, _: Process) -> None:
    with card.frozen():
        time.sleep(ASLEEP)


def _suspend(card: VirtualCard, process: Process) -> None:
    with card.frozen(process):
        time.sleep(ASLEEP)


def _restart(card: VirtualCard, _: Process) -> None:
    card.restart()


@dataclass(frozen=True, slots=True)
class Trouble:
    """An event.

    Attributes:
        name: Of the event.
        happen: Lets it happen to a card and a process; returns when it is over.
        two: Whether there is a second card, on which the sound goes on.
        stays: Whether the card, or the second one, is there all the time.
        ask: Whether the device asks for the default and opens its streams anew, as on macOS and Windows.
        gap: Silence, in seconds, that counts as an interruption.
    """

    name: str
    happen: Callable[[VirtualCard, Any], None]
    two: bool = False
    stays: bool = True
    ask: bool = False
    gap: float = GAP


TROUBLES = (
    Trouble("nothing happens", _nothing),
    Trouble("another default chosen", _choose_another, two=True),
    Trouble(
        "another default chosen, nobody moves the streams", _choose_another, two=True, ask=True, gap=SHORT_GAP
    ),
    Trouble("unplugged, another there", _pull_one_of_two, two=True),
    Trouble("unplugged and put back", _pull_and_put_back, stays=False),
    Trouble("headset turns to 8 kHz mono", _turn_to_8_khz, stays=False),
    Trouble("sound server hangs 3 s", _hang),
    Trouble("suspended for 3 s", _suspend),
    Trouble("sound server restarted", _restart, stays=False),
)


@dataclass
class Lines:
    """What a process prints, read as it comes: times at which a level was audible, and the rest."""

    audible: list[float] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def read(self, process: Process) -> None:
        for line in process.stdout:  # type: ignore[attr-defined]
            first, _, rest = line.strip().partition(" ")
            if first == "notice":
                self.rest.append(rest)
            elif float(rest) > AUDIBLE:
                self.audible.append(float(first))

    def follow(self, process: Process) -> None:
        threading.Thread(target=self.read, args=(process,), daemon=True).start()


def recovered(times: Sequence[float], since: float, gap: float) -> float:
    """Seconds from `since` until sound flows for `STEADY` without interruption; infinite if it never does."""
    begun = since
    for before, at in itertools.pairwise([since, *(at for at in times if at >= since)]):
        if at - before > gap:
            begun = at
        elif at - begun >= STEADY:
            return begun - since
    return float("inf")


@contextmanager
def loop_on(card: VirtualCard, *arguments: str) -> Iterator[tuple[Process, Lines]]:
    """The device, playing and listening."""
    command = [sys.executable, "-m", "benchmarks.device_loop", *arguments]
    process = subprocess.Popen(command, env=card.env, stdout=subprocess.PIPE, text=True)
    lines = Lines()
    lines.follow(process)
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait(5)


@contextmanager
def people_at(card: VirtualCard, name: str) -> Iterator[list[float]]:
    """Somebody says a tone into the card's microphone for a while; yields when its speaker was audible."""
    seconds = 2 * WATCHED + ASLEEP
    tone = 0.5 * np.sin(2 * np.pi * 1_200 * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)
    talker = card.speak(tone, RATE, f"{name}voice")
    recorder = subprocess.Popen(
        ["parec", "-d", f"{name}air.monitor", f"--rate={RATE}", "--channels=2", "--format=float32le",
         "--latency-msec=10"],
        env=card.env,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    audible: list[float] = []

    def record() -> None:
        assert recorder.stdout is not None
        while block := os.read(recorder.stdout.fileno(), 1 << 16):
            samples = np.frombuffer(block[: len(block) // 8 * 8], np.float32)
            if samples[0::2].size and np.max(np.abs(samples[0::2])) > AUDIBLE:
                audible.append(time.monotonic())

    threading.Thread(target=record, daemon=True).start()
    try:
        yield audible
    finally:
        for process in (talker, recorder):
            process.kill()
            process.wait(5)


def sound(trouble: Trouble) -> tuple[float, float, list[str]]:
    """Seconds until the microphone is heard again and until the speaker plays again, and what was told."""
    with VirtualCard() as card:
        where = OTHER if trouble.two else ""
        if trouble.two:
            card.plug_in_another(OTHER)
        with loop_on(card, *(["--ask"] if trouble.ask else [])) as (process, lines):
            time.sleep(2.0)
            if trouble.stays:
                with people_at(card, where) as played:
                    time.sleep(0.5)
                    trouble.happen(card, process)
                    over = time.monotonic()
                    time.sleep(WATCHED)
            else:
                trouble.happen(card, process)
                over = time.monotonic()
                with people_at(card, where) as played:
                    time.sleep(WATCHED)
        back = [recovered(times, over, trouble.gap) for times in (lines.audible, played)]
        return back[0], back[1], lines.rest


def turns(trouble: Trouble) -> list[bool]:
    """Whether the reply that was being spoken was finished, and whether a question 2 s later was answered."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["KNIK_MODELS_DIR"] = empty
        return [_kept(trouble, _reply_goes_on), _kept(trouble, _question_is_answered)]


def _kept(trouble: Trouble, test: Callable[[Trouble, VirtualCard, ChatProcess], bool]) -> bool:
    with VirtualCard() as card:
        if trouble.two:
            card.plug_in_another(OTHER)
        with ChatProcess(env=card.env) as chat:
            try:
                chat.wait_for(lambda event: event["event"] == "notice")
                time.sleep(LISTENING_AFTER)
                return test(trouble, card, chat)
            except AssertionError:
                # What was waited for never came.
                return False


def _reply_goes_on(trouble: Trouble, card: VirtualCard, chat: ChatProcess) -> bool:
    card.play(spoken("what can you do", VOICE), SAMPLE_RATE)
    chat.wait_for(lambda event: event["event"] == "user")
    time.sleep(2.0)
    trouble.happen(card, chat.process)
    return not chat.wait_for(lambda event: event["event"] == "assistant")["cut_off"]


def _question_is_answered(trouble: Trouble, card: VirtualCard, chat: ChatProcess) -> bool:
    trouble.happen(card, chat.process)
    time.sleep(TARGET)
    where = f"{OTHER}voice" if trouble.two else "voice"
    card.speak(spoken("what time is it", VOICE), SAMPLE_RATE, where).wait(20)
    said = str(chat.wait_for(lambda event: event["event"] == "assistant")["text"])
    return said.startswith("It is ")


def sound_rows(repeats: int, chosen: Sequence[Trouble]) -> list[Row]:
    """Two rows an event: the microphone and the speaker."""
    found = []
    for trouble in chosen:
        measured = [sound(trouble) for _ in range(repeats)]
        told = {"told": "yes" if all(notices for _, _, notices in measured) else "no"}
        for name, samples in (
            ("heard", tuple(heard for heard, _, _ in measured)),
            ("played", tuple(played for _, played, _ in measured)),
        ):
            worst = {"worst": f"{1000 * max(samples):,.0f} ms"}
            found.append(
                Row(f"{trouble.name}: {name}", samples, group="sound is back after", notes=worst | told)
            )
    return found


def turn_rows(repeats: int, chosen: Sequence[Trouble]) -> list[Row]:
    """The turns lost in each event: a reply under way, a question 2 s later."""
    found = []
    for trouble in chosen:
        kept = [turns(trouble) for _ in range(repeats)]
        print(f"{trouble.name}: reply finished, question answered: {kept}", file=sys.stderr, flush=True)
        lost = tuple(float(pair.count(False)) for pair in kept)
        found.append(Row(trouble.name, lost, unit="of 2", group="turns lost"))
    return found


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--only", default="", help="events whose name contains this")
    parser.add_argument("--part", choices=("sound", "turns", "both"), default="both")
    parser.add_argument("--repeats", type=int, default=3, help="of each event")
    options = parser.parse_args()
    chosen = [trouble for trouble in TROUBLES if options.only in trouble.name]
    repeats = 1 if options.quick else options.repeats
    rows = sound_rows(repeats, chosen) if options.part != "turns" else []
    # `knik chat` asks for the default only on macOS and Windows.
    talked = [trouble for trouble in chosen if not trouble.ask]
    rows += turn_rows(repeats, talked) if options.part != "sound" else []
    report("Device life", rows, options.json)


if __name__ == "__main__":
    main()
