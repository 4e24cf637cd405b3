"""Where the dialogue stands, and the rules that it is held by."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from knik.audio.frames import SAMPLE_RATE
from knik.audio.speech_events import UtteranceEnded
from knik.dialogue import actions as act
from knik.dialogue.patience import PatienceConfig
from knik.dialogue.wake import WakeConfig

Phase = Literal["asleep", "listening", "hearing", "thinking", "speaking"]

BargeIn = Literal["duck", "stop", "off"]
"""What speech over the assistant does: silence it until the words show whether the user wants the floor;
end it at once; nothing."""

Voice = Literal["free", "ducked", "held"]
"""How the assistant's voice is let out: as it is, lowered, or not at all."""


@dataclass(frozen=True, slots=True)
class TurnConfig:
    """The rules of turn-taking.

    Attributes:
        barge_in: What speech over the assistant does.
        min_words: Words over the assistant, backchannels not counted, that end its turn.
        grace: Seconds of silence after a noise or a backchannel before the assistant goes on.
        speculate: Whether work starts at the first sign of silence.
        merge_window: Samples after the end of an utterance within which further speech continues
            it, as long as nothing of the answer was heard.
        max_utterance: Samples that a continued utterance may span.
        patience: Bounds of the silence that is weighed by the words, or None for the endpointer's own.
        wake: What wakes knik and when it sleeps, or None when it never does.
    """

    barge_in: BargeIn = "duck"
    min_words: int = 1
    grace: float = 0.08
    speculate: bool = True
    merge_window: int = 2 * SAMPLE_RATE
    max_utterance: int = 30 * SAMPLE_RATE
    patience: PatienceConfig | None = None
    wake: WakeConfig | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The user's utterance while it lasts.

    Attributes:
        start: First sample of the utterance.
        turn: The speculative turn, or None.
        text: What the speculative turn's transcription heard, or None while it is not done.
        brief: True while what was voiced of it is too short to be speech.
        taken: True once it ended the assistant's turn.
        replied: True once the speculative turn's reply was asked for.
        spoken_until: The last voiced sample of an earlier utterance that this one continues, or None.
        ended: The end of an utterance over the assistant whose words are not known yet, or None.
    """

    start: int
    turn: int | None = None
    text: str | None = None
    brief: bool = False
    taken: bool = False
    replied: bool = False
    spoken_until: int | None = None
    ended: UtteranceEnded | None = None

    def going_on(self) -> "Draft":
        """The utterance, of which more came than was transcribed."""
        return Draft(self.start, taken=self.taken, spoken_until=self.spoken_until)


@dataclass(frozen=True, slots=True)
class Answer:
    """The turn that is being answered.

    Attributes:
        turn: Its id.
        start: First sample of the utterance; equal to `at` for typed lines and announcements.
        at: When the utterance was ended.
        speech_end: The last voiced sample.
        text: What the user said, or None while it is being transcribed.
        audible: True once its first sample was heard.
        last: True when the conversation ends with it.
        voiced: True when the utterance was spoken.
        forced: True when its length or a key ended it: what follows is an utterance of its own.
        voice: How its sound is let out.
        woke: True when its utterance woke knik.
    """

    turn: int
    start: int
    at: int
    speech_end: int
    text: str | None
    audible: bool = False
    last: bool = False
    voiced: bool = True
    forced: bool = False
    voice: Voice = "free"
    woke: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Where the dialogue stands; `State()` is its beginning.

    Attributes:
        next_turn: The id of the next turn.
        draft: The user's utterance, while it lasts.
        answer: The turn that is being answered.
        announcements: What knik will say when nobody speaks.
        ended: True once the conversation is over.
        asleep: True while only the wake phrase is listened for.
        talked_at: When somebody was last answered: sleep is counted from here.
    """

    next_turn: int = 1
    draft: Draft | None = None
    answer: Answer | None = None
    announcements: tuple[str, ...] = ()
    ended: bool = False
    asleep: bool = False
    talked_at: int = 0

    @property
    def quiet(self) -> bool:
        """Whether nobody speaks and nothing is being answered."""
        return self.draft is None and self.answer is None

    @property
    def phase(self) -> Phase:
        """What the screen calls it."""
        if self.asleep and not self._heeds:
            return "asleep"
        if self.draft is not None and (self.answer is None or self.answer.voice == "held"):
            return "hearing"
        if self.answer is None:
            return "listening"
        return "speaking" if self.answer.audible else "thinking"

    @property
    def _heeds(self) -> bool:
        """Whether it does something in its sleep that can be heard, or is just being woken."""
        if self.answer is not None:
            return self.answer.audible
        return self.draft is not None and bool(self.draft.text)


Step: TypeAlias = tuple[State, tuple[act.Action, ...]]


def continues(config: TurnConfig, answer: Answer | None, start: int) -> bool:
    """Whether speech from sample `start` belongs to the utterance that is being answered."""
    return (
        answer is not None
        and answer.voiced
        and not answer.forced
        and not answer.audible
        and start - answer.speech_end <= config.merge_window
        and start - answer.start <= config.max_utterance
    )
