"""The end of a turn: knik's patience against fixed silences, on the same utterances with the same pauses.

Sound and clock are simulated, the rest is knik's own: espeak-ng's voices and a room's noise go through the
real ears (voice detector, endpointer), the real dialogue and the real weighing. Only the transcriber is a
script: it gives the words up to the pause, after the time that Whisper base.en takes.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from benchmarks.common import Row, arguments, report
from benchmarks.endpointing_scripts import Utterance, people, scripted
from benchmarks.transcribing import SPELLINGS, TRUE_WORDS, Spelling
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.speech_events import SpeechPaused
from knik.config.load import load
from knik.dialogue import actions as act
from knik.dialogue.events import Event, PlaybackFinished, PlaybackStarted, Transcribed
from knik.dialogue.state import State
from knik.dialogue.turns import step
from knik.dialogue.weighing import Weighing
from knik.session.setup import make_ears, session_settings
from tests.rig.voices import spoken

VOICES = ("en-us+f2", "en-gb+m3", "en-us+m1", "en-gb+f4")
LEVEL = np.float32(0.3)
ROOM = np.float32(0.003)
"""RMS (-50 dBFS) of the room's noise."""

SHORTEST, LONGEST = 0.2, 1.2
"""Seconds of a pause; every length in between is as likely."""

STT_SECONDS = 0.12
"""From the first sign of silence to the words: base.en's median on two cores of a faster machine."""

REPLY_SECONDS = 0.6
"""From the words to the first sound of the answer, the same."""

ROUNDS = 5
SETTLE = 0.8
"""Seconds of silence between utterances."""

LATEST = 6.0
"""Seconds after which a turn must have been taken."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who decides when a turn is over.

    Attributes:
        name: In the tables.
        settings: Of knik.
        exactly: Seconds of silence, counted from where the sound ended, that always end a turn; None to go by
            the settings.
    """

    name: str
    settings: tuple[tuple[str, object], ...] = ()
    exactly: float | None = None


FIXED = (("endpoint.adaptive", False),)
CONTESTANTS = (
    Contestant("fixed 500 ms", FIXED, 0.5),
    Contestant("fixed 800 ms", FIXED, 0.8),
    Contestant("framework, 0.5 s after its detector", (*FIXED, ("endpoint.silence_ms", 500))),
    Contestant("knik"),
)
"""The framework's half second begins where its voice detector lets go; the fixed ones are given knik's sense
for where the sound really ended."""

Ending = Literal["waited", "cut", "taken up again"]
"""The turn was taken after the utterance; within it; within it, but before the answer could be heard the user
went on, and knik took both for one utterance."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an utterance.

    Attributes:
        kind: Of utterance.
        paused: Whether it had a pause.
        ending: See `Ending`.
        wait: Seconds from its end to when the turn was taken; None where that was too early.
    """

    kind: str
    paused: bool
    ending: Ending
    wait: float | None


class Listener:
    """One conversation in simulated time.

    Args:
        contestant: Who listens.
        spell: What the transcriber makes of the words.
    """

    def __init__(self, contestant: Contestant, spell: Spelling, seed: int) -> None:
        config = load(None, {}, dict(contestant.settings)).config
        self._rules = session_settings(config).rules
        self._exactly = contestant.exactly
        self._spell = spell
        self._rng = np.random.default_rng(seed)
        self._errors = random.Random(seed)
        self._ears = make_ears(config)
        self._ears.load()
        self._weighing = Weighing(self._rules)
        self._state = State()
        self._due: list[tuple[int, int, Event]] = []
        self._order = itertools.count()
        self._now = 0
        self._words = ""
        self._asked = ""
        self._heard: dict[int, int] = {}
        self._commits: list[int] = []
        self._audible = False

    def hear(self, utterance: Utterance, parts: Sequence[Samples], pauses: Sequence[float]) -> Outcome:
        """Hear an utterance of so many parts and pauses in between, up to the moment its turn is taken."""
        self._asked, self._words = utterance.asked, ""
        self._commits, self._audible = [], False
        early = 0
        for number, (sound, pause) in enumerate(zip(parts, (*pauses, 0.0), strict=True)):
            self._words = self._spell(utterance.parts[: number + 1], number + 1 < len(parts), self._errors)
            self._feed(sound, lambda: self._audible)
            self._feed(self._quiet(pause), lambda: self._audible)
            if self._audible:
                # Who hears an answer falls silent.
                self._finish()
                return Outcome(utterance.kind, bool(pauses), "cut", None)
            early = len(self._commits) if number + 1 < len(parts) else early
        end = self._now
        self._feed(self._quiet(LATEST), lambda: len(self._commits) > early)
        if len(self._commits) <= early:
            raise RuntimeError(f"nobody took the turn after {utterance.parts}")
        wait = (self._commits[-1] - end) / SAMPLE_RATE
        self._finish()
        return Outcome(utterance.kind, bool(pauses), "taken up again" if early else "waited", wait)

    def _finish(self) -> None:
        """Hear the answer out, and be quiet for a moment."""
        while self._state.answer is not None:
            turn = self._state.answer.turn
            self._take(PlaybackStarted(turn, self._now))
            self._take(PlaybackFinished(turn, self._now))
        self._feed(self._quiet(SETTLE), lambda: False)

    def _quiet(self, seconds: float) -> Samples:
        return np.zeros(round(seconds * SAMPLE_RATE), np.float32)

    def _feed(self, sound: Samples, enough: Callable[[], bool]) -> None:
        """Hear samples, whole frames of them, until there was enough."""
        for start in range(0, sound.size // FRAME_SAMPLES * FRAME_SAMPLES, FRAME_SAMPLES):
            if enough():
                return
            frame = sound[start : start + FRAME_SAMPLES] * LEVEL
            frame = frame + ROOM * self._rng.standard_normal(FRAME_SAMPLES, np.float32)
            self._ears.capture(frame, SAMPLE_RATE, self._now / SAMPLE_RATE, False)
            self._now += FRAME_SAMPLES
            for event in self._ears.listen():
                self._take(event)
            while self._due and self._due[0][0] <= self._now:
                self._take(heapq.heappop(self._due)[2])

    def _take(self, event: Event) -> None:
        silence = self._weighing.weigh(self._state, event, self._asked)
        if isinstance(event, SpeechPaused) and self._exactly is not None:
            silence = self._exactly
        if silence is not None:
            self._ears.bear(silence)
        if isinstance(event, PlaybackStarted) and self._state.answer is not None:
            self._audible = True
        self._state, actions = step(self._rules, self._state, event)
        for action in actions:
            self._carry_out(action)

    def _carry_out(self, action: act.Action) -> None:
        match action:
            case act.Transcribe():
                self._later(STT_SECONDS, Transcribed(action.turn, self._words))
            case act.Reply():
                self._heard[action.turn] = self._now
            case act.Commit():
                self._commits.append(self._now)
            case act.Release():
                ready = self._heard.get(action.turn, self._now) + round(REPLY_SECONDS * SAMPLE_RATE)
                wait = max(0, ready - self._now) / SAMPLE_RATE
                self._later(wait, PlaybackStarted(action.turn, self._now))

    def _later(self, seconds: float, event: Event) -> None:
        due = self._now + round(seconds * SAMPLE_RATE)
        heapq.heappush(self._due, (due, next(self._order), event))


@cache
def said(part: str, voice: str) -> Samples:
    """A part of an utterance from its first to its last sound, in whole frames."""
    sound = spoken(part, voice)
    loud = np.flatnonzero(np.abs(sound) > 0.01 * np.abs(sound).max())
    sound = sound[loud[0] : loud[-1] + 1]
    # The end is what the waits count from, so it is the beginning that is filled up.
    return np.pad(sound, (-sound.size % FRAME_SAMPLES, 0))


def converse(
    contestant: Contestant, utterances: Sequence[Utterance], spell: Spelling, seed: int
) -> list[Outcome]:
    """One conversation of all utterances in an order, with pauses and in voices drawn with the seed."""
    rng = random.Random(seed)
    order = list(utterances)
    rng.shuffle(order)
    listener = Listener(contestant, spell, seed)
    found = []
    for number, utterance in enumerate(order):
        parts = [said(part, VOICES[(number + seed) % len(VOICES)]) for part in utterance.parts]
        pauses = [rng.uniform(SHORTEST, LONGEST) for _ in parts[1:]]
        found.append(listener.hear(utterance, parts, pauses))
    return found


def measure(
    contestant: Contestant, spelling: str, utterances: Sequence[Utterance], rounds: int
) -> list[Outcome]:
    """So many conversations."""
    spell = SPELLINGS[spelling]
    return [o for seed in range(1, rounds + 1) for o in converse(contestant, utterances, spell, seed)]


def row(title: str, name: str, outcomes: Sequence[Outcome]) -> Row:
    """The waits, and the share of turns with a pause that were taken in it."""
    paused = [o for o in outcomes if o.paused]
    early = [o for o in paused if o.ending != "waited"]
    answered = [o for o in early if o.ending == "cut"]
    waits = [o.wait for o in outcomes if o.wait is not None]
    notes = {
        "p95": f"{1000 * float(np.percentile(waits, 95)):.0f} ms",
        "cut short": f"{100 * len(early) / len(paused):.1f} % of {len(paused)}",
        "answer heard": f"{100 * len(answered) / len(paused):.1f} %",
    }
    return Row(name, tuple(waits), group=title, notes=notes)


def by_kind(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Cut short and waits for each kind of utterance."""
    found = {}
    for kind in dict.fromkeys(o.kind for o in outcomes):
        of = [o for o in outcomes if o.kind == kind]
        waits = [o.wait for o in of if o.wait is not None]
        found[kind] = {
            "utterances": len(of),
            "cut short": sum(o.ending != "waited" for o in of),
            "median wait": round(float(np.median(waits)), 3) if waits else -1.0,
        }
    return found


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    options = parser.parse_args()
    rounds = 1 if options.quick else ROUNDS
    sets = {"Scripted": scripted(), "People's sentences": people(1)}
    found, kinds = [], {}
    for title, utterances in sets.items():
        some = utterances[:: len(utterances) // 12] if options.quick else utterances
        for contestant in CONTESTANTS:
            reads = contestant.exactly is None and not contestant.settings
            for spelling in SPELLINGS if reads else [TRUE_WORDS]:
                name = f"{contestant.name}, {spelling}" if reads else contestant.name
                outcomes = measure(contestant, spelling, some, rounds)
                found.append(row(title, name, outcomes))
                if spelling == TRUE_WORDS:
                    kinds[f"{title}: {name}"] = by_kind(outcomes)
    report("The end of a turn", found, options.json, facts={"rounds": rounds, "by kind": kinds})


if __name__ == "__main__":
    main()
