"""What the ears thread does: hear, decide, carry out; again and again."""

import threading
from collections.abc import Callable

from knik.audio.frames import SAMPLE_RATE
from knik.dialogue.events import PlaybackFinished, PlaybackStarted
from knik.session.conductor import Conductor
from knik.session.ears import Ears
from knik.session.inbox import Inbox
from knik.session.messages import (
    ClauseWritten,
    DeviceMoved,
    EffectsReady,
    ForgetAll,
    HistoryTooLong,
    InputEnded,
    Message,
    Nudge,
    Rehearsed,
    ReplyBegun,
    ReplyWritten,
    SpeedChosen,
    TalkKey,
    VoiceChosen,
    WhenListening,
)
from knik.session.playback import PlaybackNote

REST_SAMPLES = 20 * SAMPLE_RATE
"""Quiet after which the speaker rests. Rather long: some headsets click or take a while when they begin anew,
and between two turns of a conversation nobody thinks for so long."""

FIRST_REST_SAMPLES = 4 * SAMPLE_RATE
"""Quiet after which it rests before the first turn: by then the canceller's reference lies where it stays
(`knik.audio.far_end`)."""

QUIET_SAMPLES = round(1.5 * SAMPLE_RATE)
"""Silence after the end of an input file before the conversation is over: more than the endpointer
waits, so that nothing said at the very end is lost."""


class Loop:
    """The body of the ears thread.

    Args:
        inbox: What callbacks, workers and the user report.
        conductor: Gets the dialogue's events.
        ears: What is heard, or None in a conversation by text.
        now: The session's clock in 16 kHz samples.
        sample_at: Turns seconds on the device's clock into samples of the session's clock.
        stream_now: The device's clock in seconds.
        rest_speaker: Told again and again whether the speaker may rest.
        on_quiet: Called once when the conversation is over after `InputEnded`.
    """

    def __init__(
        self,
        inbox: Inbox[Message],
        conductor: Conductor,
        ears: Ears | None,
        *,
        now: Callable[[], int],
        sample_at: Callable[[float], int],
        stream_now: Callable[[], float],
        rest_speaker: Callable[[bool], None],
        on_quiet: Callable[[], None],
    ) -> None:
        self._inbox = inbox
        self._conductor = conductor
        self._ears = ears
        self._rest_speaker = rest_speaker
        self._needed_at = 0
        self._rests_after = FIRST_REST_SAMPLES
        self._now = now
        self._sample_at = sample_at
        self._stream_now = stream_now
        self._on_quiet = on_quiet
        self._ends_when_quiet = False
        self._last_busy = 0
        self._stopped = False
        self._waiting: list[threading.Event] = []
        self._sounding: list[PlaybackNote] = []

    def run(self) -> None:
        """Work until `stop`; whatever it raises is the owner's to surface."""
        if self._ears is not None:
            self._ears.load()
        while not self._stopped:
            self._inbox.wait(self._patience())
            self._listen()
            self._read_messages()
            self._finish_sounds()
            self._conductor.time_passed()
            self._watch_for_quiet()
            self._rest()
        self._conductor.cancel_all()
        self._tell_the_waiting()

    def _tell_the_waiting(self) -> None:
        while self._waiting:
            self._waiting.pop().set()

    def stop(self) -> None:
        """Let `run` return soon; any thread may call it."""
        self._stopped = True
        self._inbox.wake()

    def _patience(self) -> float | None:
        """Seconds to sleep: sound wakes the ears by itself, timers alone do not."""
        due = self._conductor.next_due
        waits = [] if due is None else [(due - self._now()) / SAMPLE_RATE]
        waits += [note.stream_time - self._stream_now() for note in self._sounding]
        return max(0.0, min(waits)) if waits else None

    def _finish_sounds(self) -> None:
        """A sound is finished when its last block has sounded, not when it was handed over."""
        now = self._stream_now()
        over = [note for note in self._sounding if note.stream_time <= now]
        self._sounding = [note for note in self._sounding if note.stream_time > now]
        for note in over:
            at = self._sample_at(note.stream_time)
            self._conductor.handle(PlaybackFinished(note.turn, at))

    def _listen(self) -> None:
        if self._ears is not None:
            for event in self._ears.listen():
                self._conductor.handle(event)
            self._conductor.listened()

    def _read_messages(self) -> None:
        while (message := self._inbox.take()) is not None:
            try:
                # What was heard before the message arrived comes before it.
                self._listen()
                self._handle(message)
            finally:
                self._inbox.done()

    def _handle(self, message: Message) -> None:
        match message:
            case PlaybackNote(kind="started"):
                at = self._sample_at(message.stream_time)
                self._conductor.handle(PlaybackStarted(message.turn, at))
            case PlaybackNote():
                self._sounding.append(message)
            case ClauseWritten():
                self._conductor.clause_written(message)
            case ReplyWritten():
                self._conductor.reply_written(message)
            case EffectsReady():
                self._conductor.effects_ready(message)
            case ReplyBegun():
                self._conductor.reply_begun(message)
            case Rehearsed():
                self._conductor.rehearsed(message)
            case HistoryTooLong():
                self._conductor.history_too_long()
            case TalkKey():
                if self._ears is not None and self._conductor.state.draft is None:
                    # What the key had started was dropped meanwhile (Esc, a typed line).
                    self._ears.drop_utterance()
                for event in self._ears.talk_key() if self._ears is not None else ():
                    self._conductor.handle(event)
            case SpeedChosen() | VoiceChosen() | ForgetAll():
                self._conductor.command(message)
            case DeviceMoved():
                if self._ears is not None:
                    self._ears.moved()
            case InputEnded():
                self._last_busy = self._now()
                self._ends_when_quiet = True
            case WhenListening():
                self._waiting.append(message.event)
            case Nudge():
                pass
            case _:
                self._conductor.handle(message)

    def _rest(self) -> None:
        """Save what costs something where nothing goes on."""
        if self._ears is None:
            return
        quiet, now = self._conductor.state.quiet, self._now()
        self._ears.rest(quiet)
        if not quiet:
            self._rests_after = REST_SAMPLES
        # The clock begins with the first sound of the microphone; what it says before is far too much.
        if not quiet or not self._needed_at or now < self._needed_at:
            self._needed_at = now
        self._rest_speaker(now - self._needed_at >= self._rests_after)

    def _watch_for_quiet(self) -> None:
        if self._conductor.state.quiet:
            self._tell_the_waiting()
        if not self._ends_when_quiet:
            return
        if not self._conductor.state.quiet:
            self._last_busy = self._now()
        elif self._ears is None or self._now() - self._last_busy >= QUIET_SAMPLES:
            self._ends_when_quiet = False
            self._on_quiet()
