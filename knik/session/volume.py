"""How loud a sound is let out, without clicks."""

import math

import numpy as np

from knik.audio.frames import Samples

RAMP_SECONDS = 0.005
"""Length of the fade from full voice to silence or back, which keeps a change from clicking."""


class Volume:
    """A gain that slides to its target, at full scale in `RAMP_SECONDS`.

    One callback applies it; any thread may set `target`.

    Args:
        rate: Of the sound in Hz.
    """

    def __init__(self, rate: int) -> None:
        self.target = 1.0
        self._gain = 1.0
        self._size = max(1, round(RAMP_SECONDS * rate))
        self._steps = np.arange(self._size, dtype=np.float32)
        self._ramp = np.zeros(self._size, np.float32)

    @property
    def silent(self) -> bool:
        """True once nothing is heard any more, and for as long as nothing shall be."""
        return self.target == 0.0 and self._gain == 0.0

    def room(self, size: int) -> int:
        """Of the next `size` samples, how many will be heard."""
        return size if self.target > 0 else min(size, math.ceil(self._gain * self._size))

    def apply(self, out: Samples) -> None:
        """Scale samples, shape (n,), in place; allocates no samples."""
        target = self.target
        count = min(out.size, math.ceil(abs(target - self._gain) * self._size))
        if count:
            self._slide(out[:count], target)
        if target != 1.0:
            np.multiply(out[count:], target, out=out[count:])

    def _slide(self, out: Samples, target: float) -> None:
        slope = math.copysign(1 / self._size, target - self._gain)
        ramp = self._ramp[: out.size]
        np.multiply(self._steps[: out.size], slope, out=ramp)
        np.add(ramp, self._gain, out=ramp)
        np.multiply(out, ramp, out=out)
        reached = self._gain + slope * out.size
        self._gain = max(reached, target) if slope < 0 else min(reached, target)
