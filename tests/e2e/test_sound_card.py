"""Whole conversations over the virtual sound card, with the built-in engines."""

import time

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE
from tests.rig.analysis import sounds
from tests.rig.chat_process import ChatProcess, Event
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.voices import recorded, silence, spoken

STAMPS_JUMP = 0.021
"""Seconds by which PulseAudio's stamps of the null sink's blocks jump to and fro; a real card's do not."""


def is_turn(event: Event) -> bool:
    return bool(event["event"] == "turn" and event["outcome"] == "answered")


def test_a_spoken_question_is_answered_aloud_and_the_trace_tells_when(card: VirtualCard) -> None:
    with card.recording() as air, ChatProcess(env=card.env) as chat:
        chat.wait_until_listening()
        card.play(spoken("what time is it", "en-us+f2"), SAMPLE_RATE)
        turn = chat.wait_for(is_turn)
        assert chat.said("user") == ["what time is it"]
        assert chat.said("assistant")[0].startswith("It is ")
        asked, answered = sounds(air.microphone, RATE)[-1], sounds(air.speaker, RATE)[0]
        in_the_air = answered[0] - asked[1]
        assert turn["seconds"]["total"] == pytest.approx(in_the_air, abs=STAMPS_JUMP + 0.01)
        assert 0.2 <= turn["seconds"]["endpoint"] <= 0.8
        assert chat.interrupt() < 0.5 + 0.5  # half a second, and the interpreter's own end
        assert chat.process.returncode == 130


def test_a_recorded_person_is_heard_from_the_first_word_to_the_last(card: VirtualCard) -> None:
    voice, transcript = recorded("cards/005")
    with ChatProcess(env=card.env) as chat:
        chat.wait_until_listening()
        card.play(np.concatenate([voice, silence(0.2)]), SAMPLE_RATE)
        chat.wait_for(is_turn)
        # PocketSphinx may mistake a card in the middle; the edges show that nothing was cut off.
        heard, words = chat.said("user")[0].split(), transcript.split()
        assert heard[:3] == words[:3]
        assert heard[-3:] == words[-3:]


def test_speaking_over_the_answer_silences_it_and_is_heard_from_its_first_word(card: VirtualCard) -> None:
    with card.recording() as air, ChatProcess(env=card.env) as chat:
        chat.wait_until_listening()
        card.play(spoken("what can you do", "en-us+f2"), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "user")
        air.wait_for_the_speaker()
        time.sleep(1.0)
        card.play(spoken("what time is it", "en-us+f2"), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "turn" and event["outcome"] == "interrupted")
        chat.wait_for(is_turn)
        assert chat.said("user")[-1] == "what time is it"
        cut = next(e for e in chat.events if e["event"] == "assistant" and e["cut_off"])
        interrupter = sounds(air.microphone, RATE)[1]
        silent_at = max(end for start, end in sounds(air.speaker, RATE, gap=0.2) if start < interrupter[1])
        assert silent_at - interrupter[0] < 0.35
        # What the history keeps is a beginning of the answer, about as long as it was heard.
        full = "I am knik. I tell the time and the date, do sums, convert units and set timers."
        assert full.startswith(cut["text"].rstrip(".,"))
        assert 3 <= len(cut["text"].split()) <= 12
