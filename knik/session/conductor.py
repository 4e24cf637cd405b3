"""Carries out what the dialogue decides; lives on the ears thread alone."""

from collections.abc import Callable
from dataclasses import replace

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.cancel import CancelToken
from knik.dialogue import actions as act
from knik.dialogue.events import (
    Announced,
    Event,
    Failed,
    LastTurn,
    PlaybackFinished,
    PlaybackStarted,
    StopRequested,
    TimePassed,
)
from knik.dialogue.heard import heard_text
from knik.dialogue.history import History
from knik.dialogue.reflex import CancelTimers, ChangeSpeed, Effect, EndSession, SetTimer
from knik.dialogue.rehearsal import Rehearsal
from knik.dialogue.stock import FAILURE
from knik.dialogue.turns import State, TurnConfig, step
from knik.dialogue.weighing import Weighing
from knik.engines.protocols import VoiceSettings
from knik.session.bridge import Bridge
from knik.session.journal import Journal
from knik.session.live_turn import LiveTurn
from knik.session.messages import (
    ClauseWritten,
    EffectsReady,
    ForgetAll,
    Rehearsed,
    ReplyBegun,
    ReplyWritten,
    SpeedChosen,
    VoiceChosen,
)
from knik.session.pipeline import Pipeline, ReplyRequest
from knik.session.playback import Playback
from knik.session.timers import Timers
from knik.trace.turns import Tracer


class Conductor:
    """Feeds events to the state machine and turns its actions into work.

    Args:
        rules: The rules of turn-taking.
        history: What the chat model gets to see.
        pipeline: The workers.
        playback: The gate before the speaker.
        tracer: Where measured stages go.
        journal: What the screen may show.
        slice_audio: Gives capture samples [start, end) at 16 kHz.
        playback_rate: The speaker's rate in Hz, at this moment.
        now: The session's clock in 16 kHz samples.
        stream_now: The device's clock in seconds.
        reflexes: Whether simple requests are answered without the chat model.
        fillers: Whether something short is said when the answer will be late.
        voice: How to speak at first.
        bear: Called with the seconds of silence after which the present pause ends the utterance.
        hurry: Called when the words of the present utterance are waited for.
        on_end: Called when the conversation has ended by itself.
    """

    def __init__(
        self,
        rules: TurnConfig,
        *,
        history: History,
        pipeline: Pipeline,
        playback: Playback,
        tracer: Tracer,
        journal: Journal,
        slice_audio: Callable[[int, int], Samples],
        playback_rate: Callable[[], int],
        now: Callable[[], int],
        stream_now: Callable[[], float],
        reflexes: bool,
        fillers: bool,
        voice: VoiceSettings,
        bear: Callable[[float], None],
        hurry: Callable[[], None],
        on_end: Callable[[], None],
    ) -> None:
        self.state = State(asleep=rules.wake is not None)
        self.voice = voice
        self.timers = Timers()
        self._rules = rules
        self._history = history
        self._pipeline = pipeline
        self._playback = playback
        self._tracer = tracer
        self._journal = journal
        self._slice_audio = slice_audio
        self._playback_rate = playback_rate
        self._now = now
        self._stream_now = stream_now
        self._reflexes = reflexes
        self._bear = bear
        self._hurry = hurry
        self._on_end = on_end
        self._rehearsal = Rehearsal()
        self._weighing = Weighing(rules)
        self._bridge = Bridge(pipeline, tracer, enabled=fillers)
        self._turns: dict[int, LiveTurn] = {}
        self._speech_end: dict[int, int] = {}
        if self.state.asleep:
            self._tell_of_sleep()

    def handle(self, event: Event) -> None:
        """Let the dialogue take one event and do what it asks for."""
        silence = self._weighing.weigh(self.state, event, self._history.last_reply)
        if silence is not None:
            self._bear(silence)
        if isinstance(event, PlaybackStarted) and event.turn in self._speech_end:
            waited = event.at - self._speech_end.pop(event.turn)
            self._tracer.measure(event.turn, "total", waited / SAMPLE_RATE)
        answer, draft, asleep = self.state.answer, self.state.draft, self.state.asleep
        self.state, actions = step(self._rules, self.state, event)
        if self.state.asleep != asleep:
            self._tell_of_sleep()
        for action in actions:
            self._carry_out(action)
        # A speculation that failed is tried again, so the user need not know.
        if not isinstance(event, Failed):
            return
        if draft is not None and draft.ended is not None and draft.turn == event.turn:
            self._journal.add("error", event.turn, event.message)
        if answer is not None and answer.turn == event.turn:
            self._journal.add("error", event.turn, event.message)
            if answer.text and self._pipeline.speaks and event.stage != "synthesis":
                # Who talks hands-free does not look at the screen. An announcement that fails has no
                # text of the user's, so it is not announced in turn.
                self.handle(Announced(self._now(), FAILURE))

    def _tell_of_sleep(self) -> None:
        config = self._rules.wake
        if self.state.asleep and config is not None:
            self._journal.add("asleep", 0, f'Asleep. Say "{config.phrase}" to wake me.')
        else:
            self._journal.add("awake", 0, "Awake.")

    def cancel_all(self) -> None:
        """End every turn, keeping what was heard."""
        for turn in list(self._turns):
            self._finish(act.Finish(turn, "interrupted", "the session ended"))

    def time_passed(self) -> None:
        """Announce the timers that have ended by now, and fall asleep where it is time."""
        for text in self.timers.ended(self._now()):
            self.handle(Announced(self._now(), text))
        if self._rules.wake is not None:
            self.handle(TimePassed(self._now()))

    @property
    def next_due(self) -> int | None:
        """When `time_passed` has something to do next, on the session's clock, or None."""
        dues = [] if self.timers.next_due is None else [self.timers.next_due]
        if self._rules.wake is not None and not self.state.asleep:
            dues.append(self.state.talked_at + self._rules.wake.sleep_after)
        return min(dues, default=None)

    def command(self, command: SpeedChosen | VoiceChosen | ForgetAll) -> None:
        """Do what the user asked for beside the conversation."""
        match command:
            case SpeedChosen():
                self.voice = replace(self.voice, speed=command.speed)
            case VoiceChosen():
                self.voice = replace(self.voice, voice=command.voice)
            case ForgetAll():
                self.handle(StopRequested(self._now()))
                self._history.clear()

    def listened(self) -> None:
        """All sound so far was heard: let the chat model read along in an utterance that goes on."""
        now = self._now()
        if self._rules.speculate and self._pipeline.reads_along and self._rehearsal.due(self.state, now):
            draft = self.state.draft
            assert draft is not None
            self._rehearsal = self._rehearsal.begun()
            audio = self._slice_audio(draft.start, now)
            self._pipeline.rehearse(draft.start, audio, self._history.last_reply)
            self._tracer.count("rehearsals")

    # What the workers report.

    def rehearsed(self, message: Rehearsed) -> None:
        """Let the chat model read what was heard so far, unless the reply is already being written."""
        self._rehearsal = self._rehearsal.ended(self._now(), message.seconds)
        draft = self.state.draft
        if message.text and draft is not None and draft.start == message.start and draft.turn is None:
            self._pipeline.prepare(self._history.messages(message.text))

    def reply_begun(self, message: ReplyBegun) -> None:
        """The chat model is at work; if the user waits for it already, something may be said meanwhile."""
        live = self._turns.get(message.turn)
        if live is not None:
            live.asked = self._now()
            if live.released:
                self._bridge.consider(live, self._now())

    def clause_written(self, message: ClauseWritten) -> None:
        """Show the clause, or keep it until its turn is released."""
        live = self._turns.get(message.turn)
        if live is not None:
            live.clauses.append(message.text)
            if live.released:
                self._journal.add("clause", live.turn, message.text)

    def reply_written(self, message: ReplyWritten) -> None:
        """A reply that nobody speaks is finished once it is written."""
        self.handle(PlaybackFinished(message.turn, self._now()))

    def effects_ready(self, message: EffectsReady) -> None:
        """Do what the reply wants done, or keep it until its turn is released."""
        live = self._turns.get(message.turn)
        if live is None:
            return
        live.effects = message.effects
        if live.released:
            self._apply_effects(live)

    def history_too_long(self) -> None:
        """Give the chat model less of the conversation from now on."""
        self._history.shrink()

    # What the dialogue asks for.

    def _carry_out(self, action: act.Action) -> None:
        match action:
            case act.Transcribe():
                live = self._begin(action.turn)
                audio = self._slice_audio(action.start, action.end)
                self._pipeline.transcribe(live, audio, self._history.last_reply)
            case act.Reply():
                self._pipeline.reply(self._begin(action.turn), self._request(action), self.voice)
            case act.Say():
                self._pipeline.say(self._begin(action.turn), action.text, self.voice)
            case act.Commit():
                self._commit(action)
            case act.Release():
                self._release(action.turn)
            case act.Duck() | act.Hold() | act.Resume():
                self._let_out(action)
            case act.Finish():
                self._finish(action)
            case act.Retract():
                self._history.retract(action.turn)
            case act.EndSession():
                self._on_end()

    def _begin(self, turn: int) -> LiveTurn:
        live = self._turns.get(turn)
        if live is None:
            cancel = CancelToken()
            sound = None
            if self._pipeline.speaks:
                sound = self._playback.sound(turn, self._playback_rate(), cancel)
            live = self._turns[turn] = LiveTurn(turn, cancel, sound)
            self._tracer.begin(turn)
        return live

    def _request(self, action: act.Reply) -> ReplyRequest:
        committed = any(e.turn == action.turn for e in self._history.exchanges)
        messages = self._history.messages(None if committed else action.text)
        return ReplyRequest(action.text, messages, self._history.last_reply, self.voice.speed, self._reflexes)

    def _commit(self, action: act.Commit) -> None:
        live = self._begin(action.turn)
        self._history.commit(action.turn, action.text)
        self._journal.add("user", action.turn, action.text)
        self._tracer.said(live.turn, action.text)
        self._speech_end.clear()
        if action.voiced:
            waited = action.at - action.speech_end
            self._tracer.measure(live.turn, "endpoint", waited / SAMPLE_RATE)
            self._speech_end[action.turn] = action.speech_end

    def _release(self, turn: int) -> None:
        live = self._turns.get(turn)
        if live is None:
            return
        live.released = True
        for clause in live.clauses:
            self._journal.add("clause", turn, clause)
        if live.sound is not None:
            self._playback.release(live.sound)
        if live.asked is not None:
            self._bridge.consider(live, self._now())
        self._apply_effects(live)

    def _let_out(self, action: act.Duck | act.Hold | act.Resume) -> None:
        live = self._turns.get(action.turn)
        if live is None or live.sound is None:
            return
        match action:
            case act.Duck():
                self._playback.duck(live.sound)
            case act.Hold():
                self._playback.hold(live.sound)
                # The gap in the assistant's sentence grows until it is known what was said.
                self._hurry()
            case act.Resume():
                self._playback.resume(live.sound)
        self._tracer.count(f"barge-in: {type(action).__name__.lower()}")

    def _apply_effects(self, live: LiveTurn) -> None:
        effects, live.effects = live.effects, ()
        for effect in effects:
            self._apply(live.turn, effect)

    def _apply(self, turn: int, effect: Effect) -> None:
        match effect:
            case SetTimer():
                due = self._now() + round(effect.seconds * SAMPLE_RATE)
                self.timers.add(due, effect.label)
            case CancelTimers():
                self.timers.clear()
            case ChangeSpeed():
                self.voice = replace(self.voice, speed=effect.speed)
            case EndSession():
                self.handle(LastTurn(turn))

    def _finish(self, action: act.Finish) -> None:
        live = self._turns.pop(action.turn, None)
        if live is None:
            return
        live.cancel.cancel()
        heard = self._heard(live, action.outcome)
        cut_off = action.outcome in ("interrupted", "failed") and bool(live.clauses)
        if live.released and (heard or cut_off):
            self._history.heard(action.turn, heard, cut_off=cut_off)
        if heard:
            self._journal.add("assistant", action.turn, heard, cut_off=cut_off)
        self._tracer.finish(action.turn, action.outcome, action.reason, heard)
        if live.released:
            self._history.make_room()
            self._pipeline.prepare(self._history.messages())
            self._bridge.prepare(self.voice)

    def _heard(self, live: LiveTurn, outcome: act.Outcome) -> str:
        if not live.released:
            return ""
        written = " ".join(clause.strip() for clause in live.clauses)
        if outcome == "answered" or live.sound is None:
            return written
        seconds = self._playback.heard_seconds(live.sound, self._stream_now())
        return heard_text(live.sound.clauses(), seconds)
