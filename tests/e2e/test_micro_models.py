"""Whole conversations with real engines: faster-whisper, llama.cpp and Kokoro on the micro models."""

import os
import time
from collections.abc import Iterator

import numpy as np
import pytest

from knik.audio.frames import SAMPLE_RATE
from tests.rig.analysis import sounds
from tests.rig.chat_process import ChatProcess, Event
from tests.rig.micro.kokoro_ear import find
from tests.rig.micro.models import clauses, environment, sound_of
from tests.rig.micro.phrases import PHRASES
from tests.rig.pulse import RATE, VirtualCard
from tests.rig.voices import silence, spoken

VOICE = "en-us+f2"
LOADED_AFTER = 3.0
"""Seconds until the engines are surely loaded, on a slow machine, once the microphone is open."""


@pytest.fixture
def chat(card: VirtualCard) -> Iterator[ChatProcess]:
    with ChatProcess(env={**os.environ, **card.env, **environment()}) as process:
        process.wait_until_listening()
        time.sleep(LOADED_AFTER)
        yield process


def is_answered(event: Event) -> bool:
    return bool(event["event"] == "turn" and event["outcome"] == "answered")


def reply_to(utterance: str) -> str:
    return next(phrase.reply for phrase in PHRASES if phrase.utterance == utterance)


def plain(text: str) -> str:
    return " ".join(text.split())


def test_what_is_said_goes_through_every_stage_and_comes_out_as_the_right_sound(
    card: VirtualCard, chat: ChatProcess
) -> None:
    question = "How far is the moon?"
    with card.recording() as air:
        card.play(spoken(question, VOICE), SAMPLE_RATE)
        turn = chat.wait_for(is_answered)
        assert chat.said("user") == [question]
        assert [plain(text) for text in chat.said("assistant")] == [plain(reply_to(question))]
        # The sound in the air is that of the reply's clauses, in their order.
        places = []
        for clause in clauses(reply_to(question)):
            samples, rate = sound_of(clause)
            found = find(air.speaker, RATE, samples, rate)
            assert found.likeness > 0.8, clause
            places.append(found.start)
        assert places == sorted(places)
        # A voice dies away, so where exactly it ends is a matter of the threshold.
        soon, late = (sounds(air.microphone, RATE, level=level)[-1][1] for level in (0.006, 0.002))
        answered = sounds(air.speaker, RATE)[0][0]
        assert answered - late - 0.03 <= turn["seconds"]["total"] <= answered - soon + 0.03
    assert {"stt", "first_token", "first_audio"} <= set(turn["seconds"])


def test_an_interrupted_story_is_remembered_as_far_as_it_was_heard(
    card: VirtualCard, chat: ChatProcess
) -> None:
    question = "Tell me a long story."
    story = reply_to(question)
    with card.recording() as air:
        card.play(spoken(question, VOICE), SAMPLE_RATE)
        chat.wait_for(lambda event: event["event"] == "user")
        air.wait_for_the_speaker(20)
        time.sleep(3.0)
        card.play(spoken("Who are you?", VOICE), SAMPLE_RATE)
        chat.wait_for(is_answered)
        cut = next(event for event in chat.events if event["event"] == "assistant" and event["cut_off"])
        heard = plain(cut["text"])
        assert plain(story).startswith(heard)
        assert 3 <= len(heard.split()) < len(story.split())
        # Whole clauses of what is remembered were in the air; what comes after them was not.
        interrupter = sounds(air.microphone, RATE)[-1]
        before = air.speaker[: round(interrupter[1] * RATE)]
        told = clauses(story)
        complete = [clause for n, clause in enumerate(told) if plain(" ".join(told[: n + 1])) in heard]
        assert complete, heard
        for clause in complete:
            samples, rate = sound_of(clause)
            assert find(before, RATE, samples, rate).likeness > 0.8, clause
        samples, rate = sound_of(told[len(complete) + 1])
        assert find(before, RATE, samples, rate).likeness < 0.7
        silent_at = max(end for start, end in sounds(air.speaker, RATE, gap=0.2) if start < interrupter[1])
        assert silent_at - interrupter[0] < 0.35
    assert chat.said("user")[-1] == "Who are you?"


def test_noise_and_silence_make_it_say_nothing(card: VirtualCard, chat: ChatProcess) -> None:
    noise = np.random.default_rng(3).standard_normal(2 * SAMPLE_RATE).astype(np.float32) * np.float32(0.03)
    with card.recording() as air:
        card.play(np.concatenate([noise, silence(1.5)]), SAMPLE_RATE)
        assert chat.said("user") == []
        assert not sounds(air.speaker, RATE)
