"""Listens to the room and plays a chirp: what the microphone hears, how late, and how much of the speaker."""

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from knik.audio.device import AudioDevice
from knik.audio.frames import Samples
from knik.doctor.chirp import Echo, agreed, chirp, find
from knik.errors import KnikError

LISTEN_SECONDS = 3.0
CHIRPS = 3
MOST_CHIRPS = 8
"""Where chirps are heard and do not agree: on a busy machine sound has gaps."""

ECHO_SECONDS = 0.9
"""How long a chirp is waited for. Wireless speakers take up to half a second."""

SETTLE_SECONDS = 0.4
"""Sound that is thrown away at first: devices fade in, and their buffers fill."""

PATIENCE = 2.0
"""Seconds without a block after which the microphone counts as dead."""

METER_SECONDS = 0.1
QUEUE_BLOCKS = 2_000
QUIETEST_DB = -120.0

OnLevel = Callable[[float], None]
"""Told the level of the last tenth of a second in dB of full scale."""


@dataclass(slots=True)
class Heard:
    """What the sounding test found.

    Attributes:
        levels: dB of full scale, root mean square of each tenth of a second in which nothing was played.
        peak: Highest sample, 1.0 is full scale.
        clipped: Share of the samples at full scale.
        echo: The chirp as it was heard, or None; `delay` is the way from the program to the speaker, through
            the air, and back into the program, in seconds.
        chirped: Whether chirps were played at all.
        unsure: Whether some were heard that did not agree, so that nothing can be said.
        lost: Blocks of the microphone that came late or never.
        underruns: How often the speaker ran dry.
    """

    levels: list[float] = field(default_factory=list)
    peak: float = 0.0
    clipped: float = 0.0
    echo: Echo | None = None
    chirped: bool = False
    unsure: bool = False
    lost: int = 0
    underruns: int = 0

    @property
    def background_db(self) -> float:
        """The room when nobody speaks: a tenth of the levels is lower."""
        return float(np.percentile(self.levels, 10)) if self.levels else QUIETEST_DB

    @property
    def loudest_db(self) -> float:
        """The loudest tenth of a second."""
        return max(self.levels, default=QUIETEST_DB)


def sound_out(
    device: AudioDevice, *, seconds: float = LISTEN_SECONDS, chirps: int = CHIRPS, on_level: OnLevel
) -> Heard:
    """Listen, then play chirps and listen for them; the device is stopped whatever happens.

    Args:
        device: Microphone and speaker, not started.
        seconds: How long to listen to the room.
        chirps: How many to play; a few more where they do not agree, and none for 0.
        on_level: Follows the level while the room is listened to.

    Raises:
        KnikError: The device cannot be opened, or the microphone sends nothing.
    """
    wire = _Wire()
    heard = Heard(chirped=chirps > 0)
    device.start(wire.capture, wire.fill)
    try:
        for _ in _hear(wire, SETTLE_SECONDS):
            wire.lost = wire.underruns = 0
        pieces = list(_metered(wire, device, seconds, heard, on_level))
        echoes: list[Echo | None] = []
        while len(echoes) < chirps or (_unsure(echoes) and len(echoes) < MOST_CHIRPS):
            wire.play(chirp(device.playback_rate))
            blocks = list(_hear(wire, ECHO_SECONDS))
            pieces += [samples for _, samples in blocks]
            echoes.append(_located(blocks, wire.played_at, device.capture_rate))
        heard.echo = agreed(echoes)
        # A single one may be a voice that sounded like it.
        heard.unsure = heard.echo is None and sum(echo is not None for echo in echoes) > 1
    finally:
        device.stop()
    everything = np.abs(np.concatenate(pieces))
    heard.peak = float(everything.max(initial=0.0))
    heard.clipped = float(np.mean(everything >= 0.999)) if everything.size else 0.0
    heard.lost, heard.underruns = wire.lost, wire.underruns
    return heard


class _Wire:
    """The two callbacks, and what they hand over."""

    def __init__(self) -> None:
        self._blocks: queue.Queue[tuple[float, Samples]] = queue.Queue(QUEUE_BLOCKS)
        self._sound: Samples | None = None
        self._done = 0
        self.played_at = 0.0
        self.lost = 0
        self.underruns = 0

    def capture(self, block: Samples, _at: float, overflow: bool) -> None:
        self.lost += overflow
        try:
            self._blocks.put_nowait((time.monotonic(), block.copy()))
        except queue.Full:
            self.lost += 1

    def fill(self, out: Samples, _at: float, underflow: bool) -> None:
        self.underruns += underflow
        out.fill(0.0)
        sound = self._sound
        if sound is None:
            return
        if self._done == 0:
            self.played_at = time.monotonic()
        piece = sound[self._done : self._done + out.size]
        out[: piece.size] = piece
        self._done += piece.size
        if self._done >= sound.size:
            self._sound = None

    def play(self, sound: Samples) -> None:
        """Play from the next block on."""
        self._done = 0
        self.played_at = 0.0
        self._sound = sound

    def block(self, timeout: float) -> tuple[float, Samples]:
        """When the next block came, and its samples."""
        try:
            return self._blocks.get(timeout=timeout)
        except queue.Empty:
            raise KnikError(
                "The microphone was opened and sends nothing.",
                "Choose another: knik doctor --input NAME (see: knik devices)",
            ) from None


def _hear(wire: _Wire, seconds: float) -> Iterator[tuple[float, Samples]]:
    """The blocks of the next seconds, with the moments they came."""
    until = time.monotonic() + seconds
    came = 0.0
    while came < until:
        came, samples = wire.block(PATIENCE)
        yield came, samples


def _metered(
    wire: _Wire, device: AudioDevice, seconds: float, heard: Heard, on_level: OnLevel
) -> Iterator[Samples]:
    tenth: list[Samples] = []
    for _, samples in _hear(wire, seconds):
        tenth.append(samples)
        yield samples
        if sum(block.size for block in tenth) >= METER_SECONDS * device.capture_rate:
            heard.levels.append(_level(np.concatenate(tenth)))
            on_level(heard.levels[-1])
            tenth = []


def _level(samples: Samples) -> float:
    power = float(np.mean(samples.astype(np.float64) ** 2))
    return max(QUIETEST_DB, 10 * float(np.log10(max(power, 1e-20))))


def _unsure(echoes: list[Echo | None]) -> bool:
    return any(echoes) and agreed(echoes) is None


def _located(blocks: list[tuple[float, Samples]], played_at: float, rate: int) -> Echo | None:
    """The chirp in these blocks; its delay from the moment it was handed to the speaker to that in which the
    block with its first sample came."""
    found = find(np.concatenate([samples for _, samples in blocks]), rate)
    if found is None or not played_at:
        return None
    first, done = round(found.delay * rate), 0
    for came, samples in blocks:
        done += samples.size
        if first < done:
            return Echo(came - played_at, found.gain_db, found.clear)
    return None
