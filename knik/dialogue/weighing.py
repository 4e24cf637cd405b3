"""Weighs the present pause: how long it is borne, by the words before it and by what is known of the user."""

from knik.audio.frames import SAMPLE_RATE
from knik.audio.speech_events import SpeechPaused, SpeechResumed, SpeechStarted
from knik.dialogue import floor, wake
from knik.dialogue.completeness import completeness
from knik.dialogue.events import Event, Transcribed
from knik.dialogue.patience import Patience
from knik.dialogue.state import State, TurnConfig, continues


class Weighing:
    """Told every event before the dialogue takes it.

    Args:
        rules: Of turn-taking.
    """

    def __init__(self, rules: TurnConfig) -> None:
        self._rules = rules
        self._patience = Patience()
        self._pause_start: int | None = None

    def weigh(self, state: State, event: Event, last_reply: str) -> float | None:
        """The seconds of silence that end the turn, or None where the event says nothing about that.

        Args:
            state: Of the dialogue, before the event.
            event: What happened.
            last_reply: What knik said last.
        """
        match event:
            case SpeechPaused():
                self._pause_start = event.speech_end
            case SpeechResumed() if state.asleep:
                # What others say to each other teaches nothing of the user.
                self._pause_start = None
            case SpeechResumed():
                self._went_on(event.at)
            case SpeechStarted() if state.draft is None and continues(self._rules, state.answer, event.start):
                # It was taken for the end of the turn.
                self._went_on(event.at)
            case Transcribed() if state.draft is not None and state.draft.turn == event.turn:
                text = wake.to_knik(self._rules.wake, event.text, asleep=state.asleep)
                return self._silence(state, text, last_reply, event.finished)
        return None

    def _went_on(self, at: int) -> None:
        if self._pause_start is not None:
            self._patience = self._patience.went_on((at - self._pause_start) / SAMPLE_RATE)
            self._pause_start = None

    def _silence(self, state: State, text: str, last_reply: str, finished: float | None) -> float | None:
        called = self._rules.wake is not None and text == self._rules.wake.phrase
        if called or (state.asleep and not text):
            # Not for knik; or a call, and the caller is about to go on.
            return None
        if floor.bears(self._rules, state, text):
            return self._rules.grace
        if self._rules.patience is None:
            return None
        if completeness(text) in ("open", "thinking"):
            # Such a pause is borne in any case; how long it is says nothing about the others.
            self._pause_start = None
        return self._patience.silence(self._rules.patience, text, last_reply, finished)
