"""Which pauses teach knik how long this user pauses."""

import pytest

from knik.audio.frames import SAMPLE_RATE
from knik.audio.speech_events import SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
from knik.dialogue.events import Event, Transcribed
from knik.dialogue.patience import PatienceConfig
from knik.dialogue.state import State, TurnConfig
from knik.dialogue.turns import step
from knik.dialogue.weighing import Weighing

RULES = TurnConfig(patience=PatienceConfig())
UNCLEAR = "the blue one"


class Talk:
    """A user who says so many times the same words with the same pause."""

    def __init__(self) -> None:
        self.weighing = Weighing(RULES)
        self.state = State()
        self.now = SAMPLE_RATE

    def take(self, event: Event) -> float | None:
        silence = self.weighing.weigh(self.state, event, "")
        self.state, _ = step(RULES, self.state, event)
        return silence

    def pauses(self, text: str) -> float | None:
        """Talks until a pause whose words are known; the silence that is borne."""
        if self.state.draft is None:
            self.take(SpeechStarted(self.now, self.now))
        self.now += SAMPLE_RATE
        self.take(SpeechPaused(self.now, self.now))
        assert self.state.draft is not None
        assert self.state.draft.turn is not None
        return self.take(Transcribed(self.state.draft.turn, text))

    def goes_on(self, pause: float, text: str, *, taken: bool) -> None:
        self.pauses(text)
        if taken:
            assert self.state.draft is not None
            self.take(UtteranceEnded(self.now + 1, self.state.draft.start, self.now))
        self.now += round(pause * SAMPLE_RATE)
        self.take(SpeechStarted(self.now, self.now) if taken else SpeechResumed(self.now))


@pytest.mark.parametrize("taken", [False, True])
def test_a_user_who_goes_on_late_is_given_more_time_also_where_the_turn_was_taken(taken: bool) -> None:
    talk = Talk()
    before = talk.pauses(UNCLEAR)
    talk = Talk()
    for _ in range(20):
        talk.goes_on(0.9, UNCLEAR, taken=taken)
    after = talk.pauses(UNCLEAR)
    assert before is not None
    assert after is not None
    assert after > before + 0.2


def test_a_pause_after_um_teaches_nothing() -> None:
    talk = Talk()
    before = talk.pauses(UNCLEAR)
    for _ in range(20):
        talk.goes_on(1.2, "and then, um,", taken=False)
    assert talk.pauses(UNCLEAR) == before


def test_words_of_another_turn_are_not_weighed() -> None:
    talk = Talk()
    talk.pauses(UNCLEAR)
    assert talk.take(Transcribed(99, UNCLEAR)) is None
