"""What words over the assistant mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.dialogue.backchannel import COMMANDS, PHRASES, meaning


@pytest.mark.parametrize(
    "text",
    ["mm-hm", "Mm-hmm.", "Mhm", "mm hm", "Uh-huh.", "uh huh", "Yeah.", "yeah, yeah", "Right.", "Okay!",
     "OK", "Oh, okay.", "I see.", "Yes, right.", "Got it", "Hmm.", "Aha", "Oh wow", "That’s right."],
)  # fmt: skip
def test_who_says_so_merely_listens(text: str) -> None:
    assert meaning(text) == "backchannel"


@pytest.mark.parametrize(
    "text",
    ["stop", "Wait!", "No.", "no no", "okay stop", "mm-hm wait", "what time is it", "Right, but why?",
     "Yeah, tell me more", "hold on", "human", "mother", "are you sure that is right"],
)  # fmt: skip
def test_who_says_so_wants_the_floor(text: str) -> None:
    assert meaning(text) == "interruption"


@pytest.mark.parametrize("text", ["", "  ", "...", "- -"])
def test_a_noise_means_nothing(text: str) -> None:
    assert meaning(text) == "nothing"


def test_fewer_words_than_the_minimum_do_not_interrupt_but_commands_do() -> None:
    assert meaning("Paris", 2) == "backchannel"
    assert meaning("yeah Paris", 2) == "backchannel"
    assert meaning("in Paris", 2) == "interruption"
    assert meaning("stop", 5) == "interruption"


@given(st.lists(st.sampled_from(PHRASES), min_size=1, max_size=4), st.sampled_from(sorted(COMMANDS)))
def test_a_command_after_any_backchannel_takes_the_floor(phrases: list[str], command: str) -> None:
    assert meaning(", ".join(phrases)) == "backchannel"
    assert meaning(f"{', '.join(phrases)}. {command}", 10) == "interruption"


@given(st.text(max_size=40), st.integers(1, 5))
def test_every_text_means_something(text: str, min_words: int) -> None:
    assert meaning(text, min_words) in ("nothing", "backchannel", "interruption")
