"""How a canceller learns what was played, by the microphone's clock or not, and what moves do to it."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from benchmarks.cancellers import livekit
from benchmarks.echo_cases import far_end, through
from knik.audio.far_end import FarEnd
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from tests.rig.room.echo_path import EchoPath

FRAME = FRAME_SAMPLES / SAMPLE_RATE

PATH = EchoPath(delay=0.03)
"""A laptop whose sound card is asked for little latency."""

LATENCY = 0.03
"""Seconds from the playback callback to the loudspeaker."""

JITTER = 0.001
"""Mean lateness of a callback, exponential."""

QUEUED = 8
"""Blocks that may wait before the surplus is dropped."""

MOVED_AT = 12.0
MOVED_PATH = EchoPath(delay=0.1)

STALL = 1.0
LAST = 60


class Feed(Protocol):
    """Gives 10 ms of what was played for 10 ms of the microphone."""

    def played(self, block: Samples, rate: int, at: float) -> None:
        """A block goes to the speaker, to sound at `at`."""
        ...

    def take(self, at: float) -> Samples:
        """What belongs to the frame recorded at `at`."""
        ...


class AsItComes:
    """The oldest block that waits, whichever it is: what most programs do, and knik did."""

    def __init__(self) -> None:
        self._blocks: deque[Samples] = deque()

    def played(self, block: Samples, rate: int, at: float) -> None:  # noqa: ARG002
        """Keep it."""
        self._blocks.append(block)

    def take(self, at: float) -> Samples:  # noqa: ARG002
        """The oldest that is not too old; silence where none waits."""
        while len(self._blocks) > QUEUED + 1:
            self._blocks.popleft()
        return self._blocks.popleft() if self._blocks else np.zeros(FRAME_SAMPLES, np.float32)


FEEDS: Mapping[str, Callable[[], Feed]] = {"as it comes": AsItComes, "by the clock (knik)": FarEnd}


def feed(how: Feed, ppm: float, minutes: float, *, stalls: bool) -> float:
    """ERLE in dB in the last `LAST` seconds.

    Args:
        how: What hands over the reference.
        ppm: How much faster the microphone's clock runs.
        minutes: Length of the conversation, in which the assistant never stops.
        stalls: Whether the ears are busy for a second in each minute.
    """
    far = np.resize(far_end(), round((60 * minutes + 2) * SAMPLE_RATE))
    microphone = replace(PATH, drift_ppm=ppm).apply(far, SAMPLE_RATE)
    random = np.random.default_rng(1)
    canceller = livekit()
    blocks, before, after = 0, 0.0, 0.0
    frames = round(60 * minutes / FRAME)
    for frame in range(frames):
        at = frame * FRAME / (1 + ppm * 1e-6)
        now = at + FRAME + float(random.exponential(JITTER))
        if stalls and (into := at % 60) > 30 and into < 30 + STALL:
            # All of this second's frames are taken when it is over.
            now = at - into + 30 + STALL
        while blocks * FRAME - LATENCY <= now:
            block = far[blocks * FRAME_SAMPLES : (blocks + 1) * FRAME_SAMPLES]
            how.played(block, SAMPLE_RATE, blocks * FRAME + float(random.exponential(JITTER)))
            blocks += 1
        near = microphone[frame * FRAME_SAMPLES : (frame + 1) * FRAME_SAMPLES]
        clean = canceller(near, how.take(at))
        if frame >= frames - LAST / FRAME:
            before += float(np.sum(np.square(near)))
            after += float(np.sum(np.square(clean)))
    return 10 * float(np.log10(before / max(after, 1e-12)))


def moved(seconds: float, parts: Sequence[tuple[float, float]], *, anew: bool) -> list[float]:
    """ERLE in dB in parts of the time after the echo began to come `seconds` later (sooner if negative)
    than before; with a canceller that goes on, or with one that starts `anew` then."""
    far = far_end()
    microphone = MOVED_PATH.apply(far, SAMPLE_RATE)
    cut = round(MOVED_AT * SAMPLE_RATE)
    told = far.copy()
    told[cut:] = np.roll(far, -round(seconds * SAMPLE_RATE))[cut:]
    canceller = livekit()
    out = [through(canceller, microphone[:cut], told[:cut])]
    out.append(through(livekit() if anew else canceller, microphone[cut:], told[cut:]))
    clean = np.concatenate(out)

    def power(sound: Samples, part: tuple[float, float]) -> float:
        start, end = (cut + round(at * SAMPLE_RATE) for at in part)
        return float(np.mean(np.square(sound[start:end])))

    return [10 * float(np.log10(power(microphone, part) / max(power(clean, part), 1e-12))) for part in parts]
