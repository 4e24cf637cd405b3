"""What the speaker plays, on the microphone's clock: the reference of an echo canceller."""

import numpy as np

from knik.audio.clock import SampleClock
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.resample import StreamResampler
from knik.audio.ring import Ring

FAR_SECONDS = 20
"""Played sound that may wait while the ears are busy, as long as the microphone's own ring."""

LEAD_SECONDS = 0.04
"""How far the reference runs ahead of what sounds: an echo must never come before it, also where a host
API says that sound takes longer than it does. The canceller finds the rest of the delay."""

LEAST_LEAD_SECONDS = -0.03
"""Where the stamps of either stream leave its latency out, sound is handed over later than it is said to be
heard, and the echo comes later still."""

LOST_SECONDS = 0.04
"""Not drift, and more than PulseAudio's stamps are wrong by on a busy machine (20 ms): samples were lost, or
a device went and came back."""

FORGOTTEN_SECONDS = 0.1
"""Digital silence after which a resampler holds nothing else: more than twice what the slowest holds back."""

RESTED_SECONDS = 0.5
"""A gap in the stamps from which the speaker was off meanwhile, to rest or because its device was away."""

UNSURE_SECONDS = 0.1
"""What a stream hands over first, before it begins to sound, is stamped as much as a buffer too early: over
PulseAudio by up to 19 ms, in its first 30 ms."""

AWAITED_SECONDS = 0.03
"""So much that is still missing will come with one of the next callbacks: on a busy machine they are late."""

LATE_FRAMES = 100
"""By so many more frames that had to wait than frames that had not, the speaker is late for good: rather
move the reference once than wait for ever."""

SETTLING_FRAMES = 200
"""Frames in which the clocks settle (`knik.audio.clock.WINDOW`). The delay found then is kept."""

PULL = 0.03
BIAS = PULL * PULL / 2
"""Of a control loop with a damping of 0.7 that follows a drift within some minutes. It is slow on purpose:
stamps jitter, and what moves the reference to and fro is worse for the canceller than what stands askew."""

BELIEVED_SECONDS = 0.002
"""What the loop sees of an error at most. Counts of samples are exact, stamps are not: a large error is
rather a bad stamp than a drift."""

STEEPEST = 500e-6
"""No two crystals are further apart."""

HALF = 16
"""Samples that the interpolation sees on either side."""


class FarEnd:
    """Written by the playback callback, read by the ears, 10 ms for 10 ms of the microphone.

    Both streams bear the times of one clock, so the reference stays where it is, to the sample, through
    stalls of either side; between two crystals it is interpolated.
    """

    def __init__(self) -> None:
        self._rate = 0
        self._ring: Ring | None = None
        self._stamp: tuple[int, float] | None = None
        self._resampler: StreamResampler | None = None
        self._silent_for = 0
        self._clock = SampleClock()
        self._buffer = np.zeros(0, np.float32)
        self._start = 0
        self._position = 0.0
        self._lead = LEAD_SECONDS * SAMPLE_RATE
        self._settled_lead: float | None = None
        self._frames = 0
        self._sure_from = 0
        self._bias = 0.0
        self.moves = 0
        """How often the reference was moved against the microphone."""
        self._waited = False
        self._late_frames = 0

    def played(self, block: Samples, rate: int, at: float) -> None:
        """Keep a block, mono of shape (n,) at `rate` Hz, whose first sample sounds at `at` seconds on the
        device's clock. Playback callback: never blocks."""
        if self._ring is None:
            self._rate = rate
            self._sure_from = round(UNSURE_SECONDS * rate)
            self._ring = Ring(FAR_SECONDS * rate)
        self._stamp = (self._ring.written, at)
        self._ring.write(block)

    @property
    def lead(self) -> float:
        """Seconds by which the reference runs ahead of what sounds."""
        return self._lead / SAMPLE_RATE

    @property
    def late(self) -> bool:
        """Whether the next frame's sound is due any moment: rather than to take the frame without it, which
        moves the reference, wait for the speaker's next callback."""
        self._read()
        if self._frames <= SETTLING_FRAMES or self._late_frames >= LATE_FRAMES or not self._buffer.size:
            return False
        late = 0 < self._missing <= AWAITED_SECONDS * SAMPLE_RATE
        self._waited |= late
        return late

    @property
    def _missing(self) -> float:
        return self._position + FRAME_SAMPLES + HALF + 1 - self._start - self._buffer.size

    @property
    def drift_ppm(self) -> float:
        """How much faster the speaker's clock runs than the microphone's, as far as that is known."""
        return self._bias * 1e6

    def take(self, at: float) -> Samples:
        """What sounds during the 10 ms of the microphone from `at` on, seconds on the device's clock, and
        a constant lead; shape (160,) at 16 kHz. Silence where nothing was played."""
        self._read()
        self._late_frames = max(0, self._late_frames + (1 if self._waited else -1))
        self._waited = False
        if not self._buffer.size:
            return np.zeros(FRAME_SAMPLES, np.float32)
        sounding = self._clock.index_at(at)
        step = self._follow(sounding)
        frame = self._between(self._position, step)
        self._position += step * FRAME_SAMPLES
        self._forget()
        return frame

    def _read(self) -> None:
        ring, stamp = self._ring, self._stamp
        if ring is None or stamp is None:
            return
        self._stamp = None
        index, time = stamp
        count = round(index * SAMPLE_RATE / self._rate)
        if self._resampler is not None and time - self._clock.time_of(count) > RESTED_SECONDS:
            self._begin_anew(index)
        first = ring.taken
        block = ring.read(ring.readable)
        if index < self._sure_from:
            return
        if self._resampler is None:
            self._resampler = StreamResampler(self._rate, SAMPLE_RATE)
            self._start, self._silent_for = round(first * SAMPLE_RATE / self._rate), 0
        self._clock.observe(count, time)
        self._buffer = np.concatenate([self._buffer, self._resampled(block, self._resampler)])

    def _begin_anew(self, index: int) -> None:
        """The speaker is on again, at about sample `index`: only the lead is still true."""
        self._clock, self._buffer = SampleClock(), np.zeros(0, np.float32)
        self._resampler = None
        self._sure_from = index + round(UNSURE_SECONDS * self._rate)
        self._frames = 0
        self._lead = LEAD_SECONDS * SAMPLE_RATE if self._settled_lead is None else self._settled_lead
        # Until it is there again, what the microphone hears may well be the speaker.
        self.moves += 1

    def forget(self) -> None:
        """Find out anew how far the reference can lead: a device is another one, or sound was lost."""
        self._lead, self._settled_lead = LEAD_SECONDS * SAMPLE_RATE, None
        self._frames = 0

    def _resampled(self, block: Samples, resampler: StreamResampler) -> Samples:
        """Digital silence after digital silence costs nothing: it is most of what is ever played. But where
        one rate is no multiple of the other, only the resampler knows when its next sample is due."""
        silent = not block.any()
        self._silent_for = self._silent_for + block.size if silent else 0
        size, rest = divmod(block.size * SAMPLE_RATE, self._rate)
        remembers = self._silent_for - block.size < FORGOTTEN_SECONDS * self._rate
        if remembers or rest or self._rate % SAMPLE_RATE:
            return resampler.process(block)
        return np.zeros(size, np.float32)

    def _follow(self, sounding: float) -> float:
        """Samples of the speaker to a sample of the microphone, where index `sounding` sounds now."""
        error = (sounding + self._lead - self._position) / SAMPLE_RATE
        if self._frames and abs(error) > LOST_SECONDS:
            self.forget()
        if self._frames == 0:
            self._move(sounding + self._lead)
            error = 0.0
            if self._settled_lead is not None:
                self._frames = SETTLING_FRAMES
        self._frames += 1
        self._wait_for_more()
        if self._frames <= SETTLING_FRAMES:
            if self._frames == SETTLING_FRAMES:
                self._settle(sounding)
            return 1.0 + self._bias
        error = float(np.clip(error, -BELIEVED_SECONDS, BELIEVED_SECONDS))
        self._bias += BIAS * error * FRAME_SAMPLES / SAMPLE_RATE
        self._bias = float(np.clip(self._bias, -STEEPEST, STEEPEST))
        return 1.0 + self._bias + PULL * error

    def _settle(self, sounding: float) -> None:
        if self._missing > 0:
            # The speaker is off; the next frame may tell.
            self._frames -= 1
        else:
            self._lead = self._settled_lead = self._position - sounding

    def _wait_for_more(self) -> None:
        """Where the speaker is not so far ahead, or its host API does not say how far, lead less."""
        missing = self._missing
        if 0 < missing <= self._lead - LEAST_LEAD_SECONDS * SAMPLE_RATE:
            self._lead -= missing
            self._move(self._position - missing)

    def _move(self, position: float) -> None:
        self._position = position
        self._late_frames = 0
        self.moves += 1

    def _between(self, position: float, step: float) -> Samples:
        """A frame from `position` on, a step for each sample."""
        first = int(np.floor(position))
        lower = self._shifted(first, position - first)
        if step == 1.0:
            return lower
        # The fraction grows by a hundredth of a sample within a frame: between two filters lies a line.
        upper = self._shifted(first, position - first + (step - 1.0) * FRAME_SAMPLES)
        return lower + _RISE * (upper - lower)

    def _shifted(self, first: int, fraction: float) -> Samples:
        start = first - HALF + 1 - self._start
        part = self._buffer[max(0, start) : max(0, start + FRAME_SAMPLES + 2 * HALF - 1)]
        if part.size < FRAME_SAMPLES + 2 * HALF - 1:
            padded = np.zeros(FRAME_SAMPLES + 2 * HALF - 1, np.float32)
            at = max(0, -start)
            padded[at : at + part.size] = part[: padded.size - at]
            part = padded
        if not fraction or not part.any():
            return part[HALF - 1 : HALF - 1 + FRAME_SAMPLES]
        between: Samples = np.convolve(part, _sinc(fraction)[::-1], mode="valid")
        return between

    def _forget(self) -> None:
        done = min(int(self._position) - 2 * HALF - self._start, self._buffer.size)
        if done > SAMPLE_RATE:
            self._buffer, self._start = self._buffer[done:], self._start + done


_TAPS = np.arange(1 - HALF, HALF + 1)
_RISE = (np.arange(FRAME_SAMPLES, dtype=np.float32) + np.float32(0.5)) / np.float32(FRAME_SAMPLES)


def _sinc(fraction: float) -> Samples:
    """Taps that read between two samples: a sinc under a Hann window."""
    x = _TAPS - fraction
    taps: Samples = (np.sinc(x) * np.cos(np.pi * x / (2 * HALF + 2)) ** 2).astype(np.float32)
    return taps
