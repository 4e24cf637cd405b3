"""What the chat model gets to see, and what was heard of a reply."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.heard import SpokenClause, heard_text
from knik.dialogue.history import History, without_older_half
from knik.engines.protocols import Message, Word


def roles(history: History, utterance: str | None = None) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in history.messages(utterance)]


def test_a_conversation_alternates_and_ends_with_the_utterance() -> None:
    history = History("Be kind.")
    history.commit(1, "Hello.")
    history.heard(1, "Hi.")
    assert roles(history, "How are you?") == [
        ("system", "Be kind."),
        ("user", "Hello."),
        ("assistant", "Hi."),
        ("user", "How are you?"),
    ]


def test_a_reply_that_was_cut_off_is_marked_and_one_that_was_not_heard_left_out() -> None:
    history = History()
    history.commit(1, "Tell me a story.")
    history.heard(1, "Once upon", cut_off=True)
    history.commit(2, "No.")
    history.heard(2, "", cut_off=True)
    assert roles(history, "Another one.") == [
        ("user", "Tell me a story."),
        ("assistant", "Once upon …"),
        ("user", "No.\nAnother one."),
    ]
    assert history.last_reply == "Once upon"


def test_a_retracted_turn_leaves_no_trace() -> None:
    history = History()
    history.commit(1, "I would like")
    history.retract(1)
    assert roles(history, "I would like tea.") == [("user", "I would like tea.")]


def test_announcements_are_remembered_and_everything_can_be_forgotten() -> None:
    history = History("S")
    history.heard(7, "Your timer has ended.")
    assert roles(history) == [("system", "S"), ("assistant", "Your timer has ended.")]
    history.clear()
    assert roles(history) == [("system", "S")]


def test_trimming_leaves_the_prefix_alone_for_many_turns() -> None:
    history = History("S", budget=200)
    firsts = []
    for turn in range(60):
        history.commit(turn, f"question {turn:03}")
        history.heard(turn, f"answer {turn:03}")
        firsts.append(history.messages()[1].content)
        assert sum(len(message.content) for message in history.messages()[1:]) <= 200
    changes = sum(a != b for a, b in itertools.pairwise(firsts))
    assert changes < 15


turns = st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60), st.booleans()), max_size=30)


@given(turns, st.integers(1, 300))
def test_roles_alternate_whatever_was_said(said: list[tuple[str, str, bool]], budget: int) -> None:
    history = History("S", budget)
    for turn, (user, assistant, cut) in enumerate(said):
        history.commit(turn, user)
        history.heard(turn, assistant, cut_off=cut)
    messages = history.messages("now")
    assert messages[-1].role == "user"
    assert all(a.role != b.role for a, b in itertools.pairwise(messages))


@given(turns)
def test_halving_ends_with_the_last_message_alone(said: list[tuple[str, str, bool]]) -> None:
    messages = [Message("system", "S")]
    for user, assistant, _ in said:
        messages += [Message("user", user), Message("assistant", assistant)]
    messages.append(Message("user", "now"))
    while len(shorter := without_older_half(messages)) < len(messages):
        assert shorter[0].role == "system"
        assert shorter[1].role == "user"
        assert shorter[-1].content == "now"
        messages = shorter
    assert len(messages) == 2


CLAUSES = [SpokenClause("One two,", 1.0), SpokenClause("three four five.", 1.5)]


@pytest.mark.parametrize(
    ("seconds", "heard"),
    [
        (0.0, ""),
        (0.1, ""),
        (0.6, "One"),
        (1.0, "One two,"),
        (1.3, "One two, three"),
        (9.0, "One two, three four five."),
    ],
)
def test_what_was_heard_ends_with_a_word(seconds: float, heard: str) -> None:
    assert heard_text(CLAUSES, seconds) == heard


def test_the_engines_word_times_count_where_it_has_them() -> None:
    words = (Word("One", 0.0, 0.8), Word("two,", 0.8, 1.0))
    assert heard_text([SpokenClause("One two,", 1.0, True, words)], 0.45) == "One"
    assert heard_text([SpokenClause("One two,", 1.0, True, words)], 0.35) == ""


def test_a_clause_in_the_making_is_never_heard_to_its_end_by_mistake() -> None:
    clause = SpokenClause("One two three four", 0.5, complete=False)
    assert heard_text([clause], 0.2) in ("One", "One two")


@given(st.lists(st.tuples(st.text("ab ,.", max_size=12), st.floats(0, 3)), max_size=6), st.floats(0, 20))
def test_what_was_heard_is_a_beginning_of_what_was_written(
    parts: list[tuple[str, float]], seconds: float
) -> None:
    clauses = [SpokenClause(text, length) for text, length in parts]
    whole = "".join("".join(text.split()) for text, _ in parts)
    assert whole.startswith("".join(heard_text(clauses, seconds).split()))
