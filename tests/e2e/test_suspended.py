"""The computer sleeps in the middle of a conversation, or the card goes in the middle of an answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from knik.audio.frames import SAMPLE_RATE
from tests.rig.chat_process import ChatProcess
from tests.rig.pulse import VirtualCard
from tests.rig.voices import spoken

VOICE = "en-us+f2"
RECOVERED_AFTER = 2.0


@contextmanager
def chatting() -> Iterator[tuple[VirtualCard, ChatProcess]]:
    with VirtualCard() as card, ChatProcess(env=card.env) as chat:
        chat.wait_until_listening()
        # The answer shows that it hears, whatever it still loads.
        card.play(spoken("what can you do", VOICE), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "user")
        time.sleep(1.0)
        yield card, chat
        assert chat.interrupt() < 2.0
    assert "Traceback" not in chat.talk


def test_who_slept_with_the_computer_answers_once_it_is_awake() -> None:
    with chatting() as (card, chat):
        with card.frozen(chat.process):
            time.sleep(2.0)
        time.sleep(RECOVERED_AFTER)
        card.play(spoken("what time is it", VOICE), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "assistant" and event["text"].startswith("It is "))


def test_an_answer_goes_on_where_the_card_was_pulled_out_of_it() -> None:
    with chatting() as (card, chat):
        card.unplug()
        card.plug_in()
        answer = chat.wait_for(lambda event: event["event"] == "assistant")
        assert not answer["cut_off"]
        assert answer["text"].endswith("goodbye to end.")
