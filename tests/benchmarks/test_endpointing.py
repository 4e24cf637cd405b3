"""The benchmark of the end of a turn tells who cuts people short."""

import random

import pytest

from benchmarks.endpointing import CONTESTANTS, Contestant, Listener, Outcome, said
from benchmarks.endpointing_scripts import Utterance, people, scripted
from benchmarks.transcribing import bare, misheard, written

FIXED, KNIK = CONTESTANTS[0], CONTESTANTS[-1]
VOICE = "en-us+f2"


def hear(contestant: Contestant, utterance: Utterance, *pauses: float) -> Outcome:
    parts = [said(part, VOICE) for part in utterance.parts]
    return Listener(contestant, bare, seed=1).hear(utterance, parts, pauses)


def test_who_says_um_is_cut_short_by_half_a_second_and_not_by_knik() -> None:
    utterance = Utterance("filler", ("I would like to, um,", "hear some music."))
    assert hear(FIXED, utterance, 1.1) == Outcome("filler", True, "cut", None)
    assert hear(KNIK, utterance, 1.1).ending == "waited"


def test_a_fixed_silence_is_waited_after_a_question_and_knik_is_sooner() -> None:
    utterance = Utterance("question", ("What time is it?",))
    fixed, knik = hear(FIXED, utterance), hear(KNIK, utterance)
    assert fixed.wait == pytest.approx(0.5, abs=0.12)
    assert knik.wait is not None
    assert fixed.wait is not None
    assert knik.wait < fixed.wait - 0.1


def test_a_pause_shorter_than_every_silence_cuts_nobody_short() -> None:
    utterance = Utterance("statement", ("The blue one", "not the green one."))
    assert hear(FIXED, utterance, 0.25).ending == "waited"


def test_scripts_are_read_with_their_pauses_and_questions() -> None:
    found = scripted("asked\nWhich one? // The red, | please.\nYes.\n\nlist\nEggs, | milk.")
    assert found == [
        Utterance("asked", ("The red,", "please."), "Which one?"),
        Utterance("asked", ("Yes.",)),
        Utterance("list", ("Eggs,", "milk.")),
    ]


def test_every_other_sentence_of_the_people_pauses_and_none_loses_a_word() -> None:
    assert [len(utterance.parts) for utterance in people(3)] == [1, 2] * 50
    assert [" ".join(u.parts) for u in people(3)] == [" ".join(u.parts) for u in people(4)]


def test_transcribers_know_only_what_was_said_and_may_mishear_it() -> None:
    rng = random.Random(1)
    assert bare(("I'd like, um,",), True, rng) == "i'd like um"
    assert written(("I'd like, um,",), True, rng) == "I'd like, um."
    assert written(("What time is it?",), False, rng) == "What time is it?"
    many = [misheard(("one two three four five",), True, rng) for _ in range(200)]
    wrong = sum(
        word != true
        for text in many
        for word, true in zip(text.split(), "one two three four five".split(), strict=True)
    )
    assert 0.1 < wrong / 1000 < 0.22
