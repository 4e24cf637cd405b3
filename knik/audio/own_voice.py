"""The assistant's own voice, where nobody expected an echo: headphones have come off in a reply."""

import numpy as np

from knik.audio.echo_path import LONGEST_FRAMES, agree, lag
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.response import filtered, response

BEFORE = LONGEST_FRAMES * FRAME_SAMPLES
"""Samples by which the reference has to begin earlier than what was heard."""

FAINT = 0.05
"""Share of the power at either end of what was heard that does not count."""

LEAST_HALF = round(0.025 * SAMPLE_RATE)
LONGEST_HALF = SAMPLE_RATE
"""Samples in which a delay can be found at all, and in which it certainly can."""

EARLY, TAPS = 16, 96
"""The direct sound and what comes within 5 ms of it: in a living room two thirds of the power of an echo or
more. More taps would explain any short sound."""

UNEXPLAINED = 0.5
"""Share of the power from which on somebody else speaks, too."""


def is_own(near: Samples, far: Samples) -> bool:
    """Whether most of `near` is the echo of `far`: both halves of what is loud in it fit at the same delay,
    and a short response at that delay leaves less than half of its power.

    Args:
        near: The microphone's samples, shape (n,).
        far: The reference, shape (n + BEFORE,), which ends with them.
    """
    heard = np.cumsum(np.square(near))
    if not near.size or not heard[-1]:
        return False
    begin, end = (int(i) for i in np.searchsorted(heard, heard[-1] * np.array([FAINT, 1.0 - FAINT])))
    end = min(end, begin + 2 * LONGEST_HALF)
    middle = (begin + end) // 2
    if middle - begin < LEAST_HALF:
        return False
    delays = [lag(near[a:b], far[a : BEFORE + b]) for a, b in ((begin, middle), (middle, end))]
    return agree(delays) and _explained(near[begin:end], far, BEFORE + begin - round(delays[0]))


def _explained(near: Samples, far: Samples, at: int) -> bool:
    """Whether `near` is hardly more than what a room makes of `far` from sample `at` on."""
    first = min(at + EARLY, far.size - near.size)
    played = far[first : first + near.size]
    rest = near - filtered(played, response(played, near, TAPS))
    return float(np.sum(np.square(rest))) < UNEXPLAINED * float(np.sum(np.square(near)))
