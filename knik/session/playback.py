"""The last gate before the speaker: only sound of a released, living turn gets through.

Workers push a turn's samples into its `Sound`; the playback callback takes them out. Between the two
stand two switches: `Playback.release` opens the gate for one turn, `Sound.kill` closes it for good.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.dialogue.heard import SpokenClause, word_start
from knik.engines.protocols import Word
from knik.session.gauge import WorkGauge
from knik.session.volume import RAMP_SECONDS, Volume

__all__ = ["RAMP_SECONDS", "Playback", "PlaybackNote", "Sound"]

DUCK_DB = 18.0
"""By how much the voice is lowered while somebody may be about to speak."""

HOLD_SECONDS = 0.05
"""In which a voice that is held dies away. A person who is interrupted trails off, too; and what comes from
the speaker for so much longer is so much less of a gap when it was only an "mm-hm"."""

KEPT_SECONDS = 3.0
"""Sound already played that is kept, to go on from an earlier word."""

AHEAD_SECONDS = 30.0
"""Sound of one turn that may wait for the speaker; synthesis pauses beyond."""

AUDIBLE = 0.004
"""Amplitude (-48 dBFS) from which a sample counts as heard: below it lies the silence that engines
put before the first sound."""


@dataclass(frozen=True, slots=True)
class PlaybackNote:
    """What the callback saw; `stream_time` is in seconds on the device's clock."""

    kind: Literal["started", "finished"]
    turn: int
    stream_time: float


class Sound:
    """The sound of one turn, from synthesis to the speaker.

    One worker writes (`push`, `end_clause`, `close`), one callback reads (`take`), and any thread
    may `kill`. Deque operations are atomic under the interpreter lock, so the callback takes none.
    """

    def __init__(self, turn: int, rate: int, cancel: CancelToken, gauge: WorkGauge) -> None:
        self.turn = turn
        self.rate = rate
        self.closed = False
        self.played = 0
        self.pushed = 0
        self.audible_from: int | None = None
        self.audible = False
        self.over = False
        self.volume = Volume(rate)
        self.ducked_at: int | None = None
        self._return_to: int | None = None
        self._past: deque[Samples] = deque()
        self._past_size = 0
        self._bridge: Samples | None = None
        self._bridged = 0
        self._cancel = cancel
        self._gauge = gauge
        self._chunks: deque[Samples] = deque()
        self._offset = 0
        self._room = threading.Event()
        self._clauses: list[SpokenClause] = []
        self._clause_start = 0
        self._clause_text = ""
        self._clause_words: tuple[Word, ...] = ()
        cancel.on_cancel(self._room.set)

    @property
    def killed(self) -> bool:
        """True once the turn was cancelled."""
        return self._cancel.cancelled

    @property
    def exhausted(self) -> bool:
        """True when everything was played and nothing more will come."""
        return self.closed and not self._chunks

    def begin_clause(self, text: str) -> None:
        """What is pushed from now on is the sound of `text`."""
        self._clause_text, self._clause_start = text, self.pushed
        self._clause_words = ()

    def push(self, samples: Samples, words: tuple[Word, ...] = ()) -> None:
        """Append mono samples at `rate`, waiting while the speaker is far behind.

        Raises `Cancelled` as soon as the turn is dead.
        """
        self._cancel.check()
        if self.audible_from is None:
            loud = np.flatnonzero(np.abs(samples) > AUDIBLE)
            if loud.size:
                self.audible_from = self.pushed + int(loud[0])
        self._clause_words += words
        if samples.size:
            self._chunks.append(samples)
            self.pushed += samples.size
        if self._is_full():
            self._wait_for_room()

    def _is_full(self) -> bool:
        return self.pushed - self.played > AHEAD_SECONDS * self.rate

    def _wait_for_room(self) -> None:
        with self._gauge.waiting():
            while self._is_full() and not self.killed:
                self._room.clear()
                if self._is_full() and not self.killed:
                    self._room.wait()
        self._cancel.check()

    def end_clause(self) -> None:
        """All sound of the clause was pushed."""
        self._clauses.append(self._clause(complete=True))
        self._clause_text = ""

    def close(self) -> None:
        """All sound of the turn was pushed."""
        self.closed = True

    def clauses(self) -> list[SpokenClause]:
        """Every clause so far, the one in the making last."""
        clauses = list(self._clauses)
        return [*clauses, self._clause(complete=False)] if self._clause_text else clauses

    def _clause(self, *, complete: bool) -> SpokenClause:
        seconds = (self.pushed - self._clause_start) / self.rate
        return SpokenClause(self._clause_text, seconds, complete, self._clause_words)

    def bridge(self, filler: Samples) -> None:
        """Play `filler`, mono at `rate`, before the sound itself; it counts as none of it."""
        self._bridge = filler

    @property
    def bridging(self) -> bool:
        """True while a filler is playing."""
        return self._bridge is not None

    def take_bridge(self, out: Samples) -> int:
        """As `take`, out of the filler; after its last sample it is gone."""
        filler = self._bridge
        if filler is None:
            return 0
        part = filler[self._bridged : self._bridged + out.size]
        out[: part.size] = part
        self._bridged += part.size
        if self._bridged >= filler.size:
            self._bridge = None
        return int(part.size)

    def take(self, out: Samples) -> int:
        """Fill the beginning of `out`; returns the number of samples written. Never blocks."""
        filled = 0
        while filled < out.size and self._chunks:
            chunk = self._chunks[0]
            part = chunk[self._offset : self._offset + out.size - filled]
            out[filled : filled + part.size] = part
            filled += part.size
            self._offset += part.size
            if self._offset >= chunk.size:
                self._keep(self._chunks.popleft())
                self._offset = 0
        self.played += filled
        self._room.set()
        return filled

    def _keep(self, chunk: Samples) -> None:
        self._past.append(chunk)
        self._past_size += chunk.size
        while self._past_size - self._past[0].size >= KEPT_SECONDS * self.rate:
            self._past_size -= self._past.popleft().size

    def return_to(self, sample: int) -> None:
        """Go on from this sample, which was played already, when the next block is filled."""
        self._return_to = sample

    def go_back(self) -> None:
        """Do what `return_to` asked for. Runs in the callback."""
        wanted, self._return_to = self._return_to, None
        while wanted is not None and self.played > wanted:
            if not self._offset:
                if not self._past:
                    return
                chunk = self._past.pop()
                self._past_size -= chunk.size
                self._chunks.appendleft(chunk)
                self._offset = chunk.size
            part = min(self._offset, self.played - wanted)
            self._offset -= part
            self.played -= part


class Playback:
    """Decides for every sample that leaves the speaker.

    Args:
        post: Receives notes from the callback; must not block.
        gauge: Counts work that waits for the speaker.
        duck_db: By how much `duck` lowers the voice.
    """

    def __init__(
        self, post: Callable[[PlaybackNote], None], gauge: WorkGauge, duck_db: float = DUCK_DB
    ) -> None:
        self._post = post
        self._ducked = 10 ** (-duck_db / 20)
        self._gauge = gauge
        self._current: Sound | None = None
        self._block_time = 0.0
        self._block_start = 0
        self.underruns = 0
        self.device_underflows = 0

    def sound(self, turn: int, rate: int, cancel: CancelToken) -> Sound:
        """A gate for a new turn, closed until `release`; `rate` is the device's, in Hz."""
        return Sound(turn, rate, cancel, self._gauge)

    def release(self, sound: Sound) -> None:
        """Play `sound`, from its first sample. What was playing must be dead or finished."""
        self._current = sound

    def duck(self, sound: Sound) -> None:
        """Lower the voice; it goes on."""
        sound.ducked_at = sound.played
        sound.volume.aim(self._ducked)

    def hold(self, sound: Sound) -> None:
        """Let the voice die away where it is; what is not played yet stays."""
        if sound.ducked_at is None:
            sound.ducked_at = sound.played
        sound.volume.aim(0.0, HOLD_SECONDS)

    def resume(self, sound: Sound) -> None:
        """Raise the voice again: after `hold` from the start of the word at which it ducked."""
        if sound.volume.target == 0.0 and sound.ducked_at is not None:
            start = word_start(sound.clauses(), sound.ducked_at / sound.rate)
            sound.return_to(round(start * sound.rate))
        sound.ducked_at = None
        sound.volume.aim(1.0)

    def heard_seconds(self, sound: Sound, stream_time: float) -> float:
        """Seconds of `sound` that had left the speaker at `stream_time` on the device's clock."""
        if self._current is not sound or not sound.played:
            return sound.played / sound.rate
        # The newest block sounds later than now, so what was handed over is more than what was heard.
        seconds = self._block_start / sound.rate + stream_time - self._block_time
        return min(max(0.0, seconds), sound.played / sound.rate)

    def fill(self, out: Samples, dac_time: float, underflow: bool) -> None:
        """Fill one block of the speaker, shape (n,); `dac_time` is when its first sample sounds.

        Runs in the playback callback: never blocks, never raises.
        """
        # The callback never takes the sound out of its place: `release` may put another there at
        # any moment. One that is over stays, and is silent.
        sound = self._current
        if sound is None or sound.over:
            # Nobody hears a gap in silence, so it is not counted.
            out.fill(0.0)
            return
        self.device_underflows += underflow
        killed, bridging = sound.killed, sound.bridging
        if killed:
            sound.volume.aim(0.0)
        else:
            sound.go_back()
        self._block_time, self._block_start = dac_time, sound.played
        room = sound.volume.room(out.size)
        if killed and not (bridging or sound.audible):
            room = 0
        filled = sound.take_bridge(out[:room]) if bridging else sound.take(out[:room])
        out[filled:] = 0.0
        sound.volume.apply(out[:room])
        if killed:
            sound.over = not room or sound.volume.silent
        elif not bridging:
            self._note(sound, filled, room, dac_time)

    def _note(self, sound: Sound, filled: int, room: int, dac_time: float) -> None:
        self._note_start(sound, dac_time)
        if sound.exhausted:
            sound.over = True
            self._post(PlaybackNote("finished", sound.turn, dac_time + filled / sound.rate))
        elif filled < room and sound.audible:
            self.underruns += 1

    def _note_start(self, sound: Sound, dac_time: float) -> None:
        audible_from = sound.audible_from
        if sound.audible or audible_from is None or sound.played <= audible_from:
            return
        sound.audible = True
        lead = max(0, audible_from - self._block_start)
        self._post(PlaybackNote("started", sound.turn, dac_time + lead / sound.rate))
