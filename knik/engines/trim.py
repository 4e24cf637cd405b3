"""The ends of a clause: little silence, and no click where it meets the next one."""

import numpy as np

from knik.audio.frames import Samples

THRESHOLD = 0.003
"""Amplitude (-50 dBFS) under which a voice counts as silent."""

LEAD_SECONDS = 0.01
TAIL_SECONDS = 0.12

FADE_SECONDS = 0.005
"""Length of the fade at both ends. It lies within the lead and the tail, unless the voice is cut off."""

HELD_SECONDS = 1.0
"""Silence that is held back between two blocks, since it may be the end; what is longer is let through."""


class ClauseEdges:
    """Cuts the silence around a clause down to 10 ms before and 120 ms after it, and fades its ends.

    Clauses meet without a gap, or with one where synthesis is late: so each begins and ends at zero by
    itself, instead of being mixed with its neighbour, which may not be there yet. Nothing overlaps, so
    samples and word times stay where they are.

    The clause comes in blocks of any size; how it was cut into blocks makes no difference, unless it is
    silent for longer than `HELD_SECONDS`.

    Args:
        rate: Hz.
    """

    def __init__(self, rate: int) -> None:
        self._lead = round(LEAD_SECONDS * rate)
        self._tail = round(TAIL_SECONDS * rate)
        self._most_held = round(HELD_SECONDS * rate)
        self._rate = rate
        self._ramp = _ramp(round(FADE_SECONDS * rate))
        self._held = np.zeros(0, np.float32)
        self._loud = False
        self._begun = False
        self._cut = 0

    @property
    def cut(self) -> float:
        """Seconds that were cut at the beginning."""
        return self._cut / self._rate

    def feed(self, block: Samples) -> Samples:
        """Take mono samples, shape (n,); returns those that are surely wanted as they are now."""
        held = np.concatenate([self._held, block])
        fade = self._ramp.size
        end = _end_of_sound(held)
        if not self._loud:
            held, end = self._without_lead(held, end)
        sure = max(0, min(end, held.size - fade), self._held.size - self._most_held)
        if not self._begun:
            # The two fades meet in no clause but one that is over.
            self._begun = self._loud and held.size >= 2 * fade
            if self._begun:
                held[:fade] *= self._ramp
            else:
                sure = 0
        self._held = held[sure:]
        return held[:sure]

    def finish(self) -> Samples:
        """No more comes; returns the rest, and begins anew but for `cut`."""
        held = self._held
        rest = held[: min(held.size, _end_of_sound(held) + self._tail)] if self._loud else held[:0]
        ramp = self._ramp if self._begun else _ramp(min(self._ramp.size, rest.size // 2))
        if not self._begun:
            rest[: ramp.size] *= ramp
        rest[rest.size - ramp.size :] *= ramp[::-1]
        self._held = held[:0]
        self._loud = self._begun = False
        return rest

    def _without_lead(self, held: Samples, end: int) -> tuple[Samples, int]:
        self._loud = end > 0
        start = int(np.argmax(np.abs(held) > THRESHOLD)) if self._loud else held.size
        start = max(0, start - self._lead)
        self._cut += start
        return held[start:], max(0, end - start)


def trim_silence(samples: Samples, rate: int) -> tuple[Samples, float]:
    """A whole clause through `ClauseEdges`.

    Args:
        samples: Mono float32, shape (n,).
        rate: Hz.

    Returns:
        A copy of the samples, empty when all of them are silent, and how many seconds were cut at
        the beginning.
    """
    edges = ClauseEdges(rate)
    kept = np.concatenate([edges.feed(samples), edges.finish()])
    return kept, edges.cut if kept.size else 0.0


def _end_of_sound(samples: Samples) -> int:
    """One past the last sample that is not silent."""
    loud = np.flatnonzero(np.abs(samples) > THRESHOLD)
    return int(loud[-1]) + 1 if loud.size else 0


def _ramp(size: int) -> Samples:
    """From 0 to 1 along a raised cosine, which has no corners."""
    ramp: Samples = (0.5 - 0.5 * np.cos(np.pi * np.arange(size) / max(1, size))).astype(np.float32)
    return ramp
