"""Whether the microphone hears the speaker at all, and how late."""

import math
from collections import deque
from itertools import pairwise

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.level import SILENCE_DB, level_db

LOUD_DB = -45.0
"""Level from which what is played counts as loud enough to be heard again."""

LOUD_FRAMES = 20
"""Frames (200 ms) for which the speaker must have been loud: then, whatever the delay, the microphone
hears an echo if there is any."""

JUDGED_FRAMES = 100
FIRST_JUDGEMENT = 10
"""Frames of the microphone under a loud speaker that are kept, and that are enough for a judgement."""

LEAK_DB, NO_LEAK_DB = 10.0, 3.0
"""How far the microphone's quietest moments under a loud speaker must lie above its background for an
echo path to exist, and below which there is none (headphones). Somebody who talks leaves gaps down to
the background; an echo does not."""

WINDOW_FRAMES = 25
"""Frames (250 ms) of the microphone that are compared: not more than knik says before it is interrupted."""

LONGEST_FRAMES = 50
"""Longest delay that is looked for (500 ms): Bluetooth's and a slow sound server's together stay below."""

STEP_FRAMES = 15
"""A comparison every 150 ms."""

BAND = (200.0, 6000.0)
"""Hz that small loudspeakers play and rooms carry."""

AGREED = 4
"""Samples (a quarter of a millisecond) within which the delays of neighbouring comparisons agree."""

FOUND_AFTER = 4
"""Comparisons in a row that must agree for an echo. In 2 675 tries with voices and music that were not the
speaker's, four never did and three did once; of an echo 12 dB below what is played, nine in ten do, and
half of them under a room full of voices."""

STANDS_OUT_DB = 6.0
FLOOR_STEPS = 40
"""Comparisons (6 s) whose quietest is the background, and by how much a sound stands out from it."""

DOUBTED_AFTER = 2
"""Comparisons that must agree to doubt that there is none: one in forty does without an echo."""

SOONER = 80
"""Samples (5 ms): of an echo that comes sooner than before by so much the canceller lets most through for
four seconds; one that starts anew is better after one. It does not mind an echo that comes later, up to 40 ms
(`benchmarks.echo --only moves`)."""

SOONER_AFTER = 3
"""Comparisons that must agree on where it comes now."""

NOT_FOUND_AFTER = 12
"""Comparisons of which no two neighbours agree where there is none."""


class EchoLevels:
    """A first judgement from levels alone, after 300 ms of a loud speaker. Pure.

    `exists` is True until there is reason to think otherwise.
    """

    def __init__(self) -> None:
        self.exists = True
        self._loud_for = 0
        self._silent_for = 0
        self._background: deque[float] = deque(maxlen=2 * JUDGED_FRAMES)
        self._under_loud: deque[float] = deque(maxlen=JUDGED_FRAMES)

    def relearn(self) -> None:
        """Judge anew: microphone or speaker are other ones. The background stays."""
        self.exists = True
        self._loud_for = 0
        self._under_loud.clear()

    def observe(self, near_db: float, far_db: float) -> None:
        """Take the levels of one 10 ms frame of the microphone and of the speaker, in dBFS."""
        loud = far_db > LOUD_DB
        self._loud_for = self._loud_for + 1 if loud else 0
        self._silent_for = 0 if loud else self._silent_for + 1
        if self._silent_for > 2 * LOUD_FRAMES:
            self._background.append(near_db)
        if self._loud_for < LOUD_FRAMES:
            return
        self._under_loud.append(near_db)
        if len(self._under_loud) >= FIRST_JUDGEMENT:
            self._judge()

    def _judge(self) -> None:
        background = float(np.percentile(self._background, 20)) if self._background else SILENCE_DB
        leak = float(np.percentile(self._under_loud, 10)) - max(SILENCE_DB, background)
        if leak > LEAK_DB:
            self.exists = True
        elif leak < NO_LEAK_DB:
            self.exists = False


class EchoSearch:
    """Looks for the speaker's sound in the microphone's, by correlation (GCC-PHAT: Knapp and Carter, "The
    generalized correlation method for estimation of time delay", 1976). Noise and voices do not mislead it:
    their delays do not agree. Pure; about a millisecond every 150 ms while the speaker sounds.

    Attributes:
        exists: Whether there is an echo; None until enough was heard.
        doubted: True after something that sounds like an echo where there was none, until it is known.
        delay: Seconds by which it comes later than the reference; 0.0 where there is none.
        sooner: How often it has begun to come sooner, because the reference or the sound of either side was
            late or got lost.
    """

    def __init__(self) -> None:
        self.exists: bool | None = None
        self.doubted = False
        self.delay = 0.0
        self.sooner = 0
        self._usual: float | None = None
        self._near: deque[Samples] = deque(maxlen=WINDOW_FRAMES)
        self._far: deque[Samples] = deque(maxlen=WINDOW_FRAMES + LONGEST_FRAMES)
        self._delays: deque[float] = deque(maxlen=NOT_FOUND_AFTER)
        self._loud_delays: deque[float] = deque(maxlen=FOUND_AFTER)
        self._levels: deque[float] = deque(maxlen=FLOOR_STEPS)
        self._frames = 0

    def observe(self, near: Samples, far: Samples) -> None:
        """Take 10 ms of the microphone and of the reference, each of shape (160,)."""
        self._near.append(near)
        self._far.append(far)
        self._frames += 1
        if self._frames % STEP_FRAMES or len(self._far) < (self._far.maxlen or 0):
            return
        played = np.concatenate(self._far)
        if level_db(played) < LOUD_DB:
            return
        heard = np.concatenate(self._near)
        self._levels.append(level_db(heard))
        self._delays.append(lag(heard, played))
        if self._levels[-1] > min(self._levels) + STANDS_OUT_DB:
            self._loud_delays.append(self._delays[-1])
            self._judge(list(self._loud_delays))
        if not self._is_echo(list(self._delays)):
            self._judge_absence()
        self._compare(list(self._delays)[-SOONER_AFTER:])

    def _compare(self, delays: list[float]) -> None:
        if self.exists is not True:
            self._usual = None
        elif len(delays) == SOONER_AFTER and agree(delays):
            if self._usual is not None and delays[-1] < self._usual - SOONER:
                self.sooner += 1
            self._usual = delays[-1]

    def relearn(self) -> None:
        """Know nothing: microphone or speaker are other ones."""
        self.exists, self.doubted, self.delay = None, False, 0.0
        self._delays.clear()
        self._loud_delays.clear()

    def doubt(self) -> None:
        """Take it that there is an echo until it is known."""
        self.exists, self.doubted = None, True
        self._delays.clear()

    def _judge(self, delays: list[float]) -> None:
        """Of what stands out from the background alone: where knik falls silent at its own voice, again and
        again, the pauses tell nothing."""
        if not self._is_echo(delays) and self.exists is False and agree(delays[-DOUBTED_AFTER:]):
            self.doubt()

    def _is_echo(self, delays: list[float]) -> bool:
        last = delays[-FOUND_AFTER:]
        if len(last) < FOUND_AFTER or not agree(last):
            return False
        self.exists, self.doubted = True, False
        self.delay = sorted(last)[FOUND_AFTER // 2] / SAMPLE_RATE
        return True

    def _judge_absence(self) -> None:
        if len(self._delays) == NOT_FOUND_AFTER and all(_disagree(a, b) for a, b in pairwise(self._delays)):
            self.exists, self.doubted, self.delay = False, False, 0.0
            self._loud_delays.clear()


def agree(delays: list[float]) -> bool:
    """Whether neighbouring delays, in samples, are the same but for the jitter of stamps."""
    return len(delays) > 1 and not any(_disagree(a, b) for a, b in pairwise(delays))


def _disagree(one: float, other: float) -> bool:
    # Infinity does, also with itself: the difference is no number.
    return not abs(one - other) <= AGREED


def lag(near: Samples, far: Samples) -> float:
    """Samples by which `near` fits `far` best, by whitened correlation; infinity where either is digital
    silence, which fits nothing. `far` began earlier and ends with it."""
    if not near.any() or not far.any():
        return math.inf
    size = 1 << (far.size + near.size).bit_length()
    cross = np.fft.rfft(near * np.hanning(near.size), size) * np.conj(np.fft.rfft(far, size))
    cross /= np.abs(cross) + 1e-9
    frequencies = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    cross[(frequencies < BAND[0]) | (frequencies > BAND[1])] = 0.0
    curve = np.fft.irfft(cross, size)
    # A lag of zero lies as far before the beginning as `near` began after `far`.
    return float(np.argmax(curve[near.size - far.size :]))
