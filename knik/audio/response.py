"""What a room makes of the loudspeaker's sound, as a finite impulse response."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from knik.audio.frames import Samples

Reals: TypeAlias = NDArray[np.float64]

RIDGE = 1e-3
"""Of the reference's power, added to it: where it has none, nothing can be learnt."""

STEPS = 40
EXACT = 1e-10
"""The solver ends after so many steps, or with so small a rest of the power."""


def response(far: Samples, near: Samples, taps: int) -> Reals:
    """The response of so many taps that explains `near` best as the echo of `far`, both of shape (n,).

    Least squares, by the method of conjugate gradients on the normal equations (Haykin, "Adaptive Filter
    Theory", chapter 2; Hestenes and Stiefel, 1952). Zeros where `far` is silent.
    """
    size = _size(far.size + taps)
    spectrum = np.fft.rfft(far, size)
    power = np.fft.irfft(np.abs(spectrum) ** 2, size)[:taps]
    wanted = np.fft.irfft(np.conj(spectrum) * np.fft.rfft(near, size), size)[:taps]
    power[0] *= 1.0 + RIDGE
    # A Toeplitz matrix times a vector is a part of a circular convolution.
    circle = np.fft.rfft(np.concatenate([power, [0.0], power[:0:-1]])).real
    path, rest = np.zeros(taps), wanted
    direction, left = rest, float(rest @ rest)
    enough = EXACT * left
    for _ in range(STEPS):
        if left <= enough:
            break
        product = np.fft.irfft(circle * np.fft.rfft(direction, 2 * taps), 2 * taps)[:taps]
        step = left / float(direction @ product)
        path = path + step * direction
        rest = rest - step * product
        left, before = float(rest @ rest), left
        direction = rest + (left / before) * direction
    return path


def filtered(samples: Samples, path: Reals) -> Reals:
    """What a response makes of `samples`, as many of them."""
    size = _size(samples.size + path.size)
    found: Reals = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(path, size), size)[: samples.size]
    return found


def _size(least: int) -> int:
    """A power of two, which transforms fast."""
    return 1 << max(0, least - 1).bit_length()
