"""The sound card is pulled out in the middle of a sentence, and put back."""

import time

from knik.audio.frames import SAMPLE_RATE
from tests.rig.analysis import sounds
from tests.rig.chat_process import ChatProcess, Event
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.voices import spoken

VOICE = "en-us+f2"


def notice(word: str, event: Event) -> bool:
    return event["event"] == "notice" and word in event["text"]


def test_the_conversation_outlives_its_sound_card() -> None:
    with VirtualCard() as card, ChatProcess(env=card.env) as chat:
        chat.wait_until_listening()
        with card.recording() as air:
            card.play(spoken("what can you do", VOICE), SAMPLE_RATE)
            air.wait_for_the_speaker()
            assert sounds(air.speaker, RATE)
        card.unplug()
        chat.wait_for(lambda event: notice("Lost the sound device", event))
        card.plug_in()
        chat.wait_for(lambda event: notice("Sound is back", event))
        time.sleep(1.0)
        card.play(spoken("what time is it", VOICE), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "assistant" and event["text"].startswith("It is "))
        assert chat.interrupt() < 1.0
        assert chat.process.returncode == 130
    assert "Traceback" not in chat.talk


def test_the_user_is_told_which_device_the_conversation_is_at() -> None:
    with VirtualCard() as card, ChatProcess(env=card.env) as chat:
        card.plug_in_another("other-")
        chat.wait_until_listening()
        card.choose("other-")
        chat.wait_for(lambda event: notice('The speaker is "other-speaker" now.', event))
        chat.wait_for(lambda event: notice('The microphone is "other-microphone" now.', event))
        card.speak(spoken("what time is it", VOICE), SAMPLE_RATE, "other-voice").wait(20)
        chat.wait_for(lambda event: event["event"] == "assistant" and event["text"].startswith("It is "))
        assert chat.interrupt() < 1.0
    assert "Traceback" not in chat.talk
