"""The first sign that somebody may speak, long before it is certain.

Silero needs 60 to 100 ms of a voice; a person who is interrupted reacts sooner. So each frame is also
judged by its level and by WebRTC's detector: that takes 20 ms, and is wrong about every clap. What hangs
on it must be easily undone.
"""

from collections import deque

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.level import level_db
from knik.audio.speech_events import SpeechDismissed, SpeechEvent, SpeechSuspected
from knik.audio.vad import Vad

LEAST_DB = -55.0
"""Level below which nobody speaks into this microphone."""

RISE_DB = 5.0
SHARE = 98.0
"""What is suspected lies so far above the level that 98 % of the background stays below. Echo that the
canceller left over and the noise that it lets through in turns make that background uneven."""

LEFT_DB = 17.0
"""Where the canceller took more than this away, what it left is still echo: a cheap loudspeaker that is
driven hard leaves a burst of it now and then."""

BACKGROUND_FRAMES = 300
REVIEW_FRAMES = 10
"""Three seconds of background, looked at anew every 100 ms."""

WINDOW, ENOUGH = 3, 2
"""Of three frames, two must stand out."""

STRONG_DB = 6.0
"""A frame that stands out by so much more is enough."""

LULL = round(0.15 * SAMPLE_RATE)
"""Samples without a frame that stands out after which the suspicion is dropped."""

LONGEST = round(0.6 * SAMPLE_RATE)
"""Samples after which it is dropped in any case: speech would have been recognised by then."""


ODDS, MOST_ODDS = 4.0, 20.0
RIPE = 0.1
"""Where something stands out, less proof is needed, since an echo canceller leaves little of the first
syllables over a loud speaker: the odds that it is speech count so many times, and more the longer it stands
out, up to the most after a tenth of a second. Of a bang Silero is far surer that it is none: of 100, all but
eight had probabilities below 0.02 (benchmarks/barge_in.py, 20 dB)."""


class Suspicion:
    """Fed one 10 ms frame after another.

    Args:
        gate: A quick detector, lenient enough to miss no speech.
    """

    def __init__(self, gate: Vad) -> None:
        self._gate = gate
        self._background: deque[float] = deque(maxlen=BACKGROUND_FRAMES)
        self._pending: list[float] = []
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._threshold = LEAST_DB
        self._frames = 0
        self._since: int | None = None
        self._last = 0

    @property
    def active(self) -> bool:
        """Whether somebody may be speaking at the moment."""
        return self._since is not None

    def weigh(self, probability: float) -> float:
        """The probability that the present frame is speech, given a detector's that knows of no suspicion."""
        if self._since is None:
            return probability
        ripe = min(1.0, (self._last - self._since) / (RIPE * SAMPLE_RATE))
        odds = (ODDS + ripe * (MOST_ODDS - ODDS)) * probability
        return odds / (odds + 1.0 - probability)

    def step(
        self, frame: Samples, end: int, *, in_utterance: bool, taken_db: float = 0.0
    ) -> tuple[SpeechEvent, ...]:
        """Take the frame, shape (160,), that ends before sample `end`.

        Args:
            frame: Without echo.
            end: Index of 16 kHz capture samples.
            in_utterance: Whether somebody is known to speak; then there is nothing to suspect.
            taken_db: By how much the frame was weakened when its echo was taken out.
        """
        voiced = self._gate.probability(frame) > 0
        if in_utterance:
            self._since = None
            self._pending.clear()
            self._recent.clear()
            return ()
        level = level_db(frame)
        stands_out = voiced and level > self._threshold and taken_db < LEFT_DB
        self._recent.append(stands_out)
        strong = stands_out and level > self._threshold + STRONG_DB
        self._learn(level)
        if stands_out:
            self._last = end
        if self._since is None:
            return self._suspect(end, strong)
        if end - self._last >= LULL or end - self._since >= LONGEST:
            return self._dismiss(end)
        return ()

    def drop(self, end: int) -> tuple[SpeechEvent, ...]:
        """What stands out before sample `end` is known to be no speech, whatever it sounds like."""
        return self._dismiss(end) if self.active else ()

    def _suspect(self, end: int, strong: bool) -> tuple[SpeechEvent, ...]:
        if not strong and sum(self._recent) < ENOUGH:
            return ()
        self._since = end
        return (SpeechSuspected(end),)

    def _dismiss(self, end: int) -> tuple[SpeechEvent, ...]:
        # It was no speech, so it was background: a noise that goes on is soon not suspected any more.
        self._background += self._pending
        self._since = None
        self._pending.clear()
        self._recent.clear()
        return (SpeechDismissed(end),)

    def _learn(self, level: float) -> None:
        if self._since is None:
            self._background.append(level)
        else:
            self._pending.append(level)
        self._frames += 1
        if self._frames % REVIEW_FRAMES == 0 and len(self._background) >= REVIEW_FRAMES:
            self._threshold = max(LEAST_DB, float(np.percentile(self._background, SHARE)) + RISE_DB)
