"""When an utterance that goes on is listened to in advance."""

from knik.audio.frames import SAMPLE_RATE
from knik.dialogue.rehearsal import FIRST, Rehearsal
from knik.dialogue.turns import Answer, Draft, State

SECOND = SAMPLE_RATE
TALKING = State(draft=Draft(start=5 * SECOND))


def test_a_long_utterance_is_listened_to_every_second() -> None:
    rehearsal = Rehearsal()
    assert not rehearsal.due(TALKING, 5 * SECOND + FIRST - 1)
    assert rehearsal.due(TALKING, 5 * SECOND + FIRST)
    rehearsal = rehearsal.begun()
    assert not rehearsal.due(TALKING, 9 * SECOND)
    rehearsal = rehearsal.ended(7 * SECOND, 0.05)
    assert not rehearsal.due(TALKING, 8 * SECOND - 1)
    assert rehearsal.due(TALKING, 8 * SECOND)


def test_a_slow_machine_spends_at_most_a_tenth_of_its_time_on_it() -> None:
    rehearsal = Rehearsal().begun().ended(10 * SECOND, 0.8)
    assert not rehearsal.due(TALKING, 10 * SECOND + round(9 * 0.8 * SECOND) - 1)
    assert rehearsal.due(TALKING, 10 * SECOND + round(9 * 0.8 * SECOND))


def test_it_never_stands_in_the_way_of_a_turn() -> None:
    late = 20 * SECOND
    assert not Rehearsal().due(State(), late)
    assert not Rehearsal().due(State(draft=Draft(0, turn=1)), late)
    assert not Rehearsal().due(State(draft=Draft(0), answer=Answer(1, 0, 9, 8, "hello")), late)
