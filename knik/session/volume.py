"""How loud a sound is let out, without clicks."""

import math

import numpy as np

from knik.audio.frames import Samples

RAMP_SECONDS = 0.005
"""Length of the fade from full voice to silence or back, which keeps a change from clicking."""


class Volume:
    """A gain that slides to its target, at full scale in `RAMP_SECONDS` unless it is told to take its time.

    One callback applies it; any thread may `aim`.

    Args:
        rate: Of the sound in Hz.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._gain = 1.0
        self._aim = (1.0, self._full_scale(RAMP_SECONDS))
        self._steps = np.zeros(0, np.float32)
        self._ramp = np.zeros(0, np.float32)

    @property
    def target(self) -> float:
        """The gain that it slides to."""
        return self._aim[0]

    def aim(self, target: float, seconds: float = 0.0) -> None:
        """Slide to `target`, in so many seconds from where it is, but not faster than a click allows."""
        way = abs(target - self._gain)
        self._aim = (target, self._full_scale(max(RAMP_SECONDS, seconds / way if way else 0.0)))

    def _full_scale(self, seconds: float) -> int:
        """Samples from silence to the full voice."""
        return max(1, round(seconds * self._rate))

    @property
    def silent(self) -> bool:
        """True once nothing is heard any more, and for as long as nothing shall be."""
        return self.target == 0.0 and self._gain == 0.0

    def room(self, size: int) -> int:
        """Of the next `size` samples, how many will be heard."""
        target, full_scale = self._aim
        return size if target > 0 else min(size, math.ceil(self._gain * full_scale))

    def apply(self, out: Samples) -> None:
        """Scale samples, shape (n,), in place; allocates none but for the longest block so far."""
        target, full_scale = self._aim
        count = min(out.size, math.ceil(abs(target - self._gain) * full_scale))
        if count:
            self._slide(out[:count], target, full_scale)
        if target != 1.0:
            np.multiply(out[count:], target, out=out[count:])

    def _slide(self, out: Samples, target: float, full_scale: int) -> None:
        if self._steps.size < out.size:
            self._steps = np.arange(out.size, dtype=np.float32)
            self._ramp = np.zeros(out.size, np.float32)
        slope = math.copysign(1 / full_scale, target - self._gain)
        ramp = self._ramp[: out.size]
        np.multiply(self._steps[: out.size], slope, out=ramp)
        np.add(ramp, self._gain, out=ramp)
        np.multiply(out, ramp, out=out)
        reached = self._gain + slope * out.size
        self._gain = max(reached, target) if slope < 0 else min(reached, target)
