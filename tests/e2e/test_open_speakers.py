"""The microphone hears the speaker, as on any laptop."""

import time
from collections.abc import Iterator

import pytest

from knik.audio.frames import SAMPLE_RATE
from knik.session.loop import REST_SAMPLES
from tests.rig.analysis import sounds
from tests.rig.chat_process import ChatProcess, Event
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.voices import spoken

VOICE = "en-us+f2"


@pytest.fixture
def laptop() -> Iterator[VirtualCard]:
    with VirtualCard() as card:
        card.open_the_speaker()
        yield card


@pytest.fixture
def joined() -> Iterator[VirtualCard]:
    with VirtualCard() as card:
        card.join_the_speaker()
        yield card


def is_over(event: Event) -> bool:
    return bool(event["event"] == "turn" and event["outcome"] in ("answered", "interrupted"))


@pytest.mark.parametrize(("echo", "outcome"), [("on", "answered"), ("off", "interrupted")])
def test_the_assistant_interrupts_itself_only_without_echo_cancellation(
    laptop: VirtualCard, echo: str, outcome: str
) -> None:
    with ChatProcess(env={**laptop.env, "KNIK_AUDIO_ECHO": echo}) as chat:
        chat.wait_until_listening()
        laptop.play(spoken("what can you do", VOICE), SAMPLE_RATE)
        assert chat.wait_for(is_over)["outcome"] == outcome


def test_speaking_over_the_assistant_is_heard_through_its_own_voice(laptop: VirtualCard) -> None:
    with laptop.recording() as air, ChatProcess(env=laptop.env) as chat:
        chat.wait_until_listening()
        laptop.play(spoken("what can you do", VOICE), SAMPLE_RATE)
        air.wait_for_the_speaker()
        time.sleep(2.0)
        started = sounds(air.speaker, RATE)[0][0]
        laptop.play(spoken("what time is it", VOICE), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "turn" and event["outcome"] == "interrupted")
        # The whole answer takes ten seconds.
        first = next(end for start, end in sounds(air.speaker, RATE, gap=0.3) if end > started + 0.5)
        assert first - started < 4.0


def test_after_a_rest_of_the_speaker_its_echo_is_still_known(joined: VirtualCard) -> None:
    question = spoken("what can you do", VOICE)
    with ChatProcess(env=joined.env) as chat:
        chat.wait_until_listening()
        # Sooner than after a turn: nobody has needed it yet.
        joined.wait_until_the_speaker_rests(patience=0.5 * REST_SAMPLES / SAMPLE_RATE)
        joined.play(question, SAMPLE_RATE)
        assert chat.wait_for(is_over)["outcome"] == "answered"
        joined.wait_until_the_speaker_rests()
        with joined.recording() as air:
            joined.play(question, SAMPLE_RATE)
            air.wait_for_the_speaker()
            time.sleep(2.0)
            joined.play(spoken("what time is it", VOICE), SAMPLE_RATE)
            chat.wait_for(lambda event: event["event"] == "turn" and event["outcome"] == "interrupted")
    # Nothing was found to be other than before.
    assert len([text for text in chat.said("notice") if "cho " in text]) == 1
