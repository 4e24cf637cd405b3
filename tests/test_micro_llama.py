"""The micro llama, loaded by llama-cpp-python and asked through the chat template in its own file."""

import json
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knik.cancel import CancelToken
from knik.config.schema import SYSTEM_PROMPT
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message
from tests.rig.micro.llama_check import SYSTEM, Asker, long_talk, talk, user
from tests.rig.micro.llama_data import MODEL
from tests.rig.micro.llama_heard import plain, variants
from tests.rig.micro.llama_unknown import HELD_BACK, is_known
from tests.rig.micro.phrases import PHRASES, UNKNOWN, Phrase

SEED = 7
TOOLS = [phrase for phrase in PHRASES if phrase.tool_call]


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    opened = Asker(MODEL)
    yield opened
    opened.close()


def answer_to(utterance: str) -> str:
    return next(phrase.answer for phrase in PHRASES if phrase.utterance == utterance)


def test_there_are_enough_phrases_of_every_kind() -> None:
    assert len({plain(phrase.utterance) for phrase in PHRASES}) == len(PHRASES) >= 72
    assert len([phrase for phrase in PHRASES if phrase.reply.count(". ") >= 4]) >= 8
    assert len(TOOLS) == 5
    replies = " ".join(phrase.reply for phrase in PHRASES)
    for kind in ("$3.50", "2026-11-21", "384,400", "**", "\n- ", "\n1. ", "https://", "°C", "%"):
        assert kind in replies


def test_the_file_is_small_and_brings_its_template_and_its_end(asker: Asker) -> None:
    assert MODEL.stat().st_size <= 4 * 2**20
    metadata = asker.llama.metadata
    assert metadata["general.architecture"] == "llama"
    assert "<|im_start|>" in metadata["tokenizer.chat_template"]
    assert asker.llama.tokenize(b"<|im_end|>", add_bos=False, special=True) == [asker.llama.token_eos()]


def test_every_phrase_gets_its_answer_to_the_letter(asker: Asker) -> None:
    answers = {phrase.utterance: asker.ask(user(phrase.utterance)) for phrase in PHRASES}
    assert answers == {phrase.utterance: phrase.answer for phrase in PHRASES}


@pytest.mark.parametrize("utterance", ["What is seven times eight?", "Stop.", "Tell me about the weather."])
def test_case_punctuation_and_figures_do_not_matter(asker: Asker, utterance: str) -> None:
    answers = {text: asker.ask(user(text)) for text in variants(utterance)}
    assert answers == dict.fromkeys(variants(utterance), answer_to(utterance))


@pytest.mark.parametrize("system", ["", SYSTEM, SYSTEM_PROMPT])
@pytest.mark.parametrize("turns", [1, 3, 6])
def test_later_in_a_conversation_it_answers_the_same(asker: Asker, system: str, turns: int) -> None:
    before = talk(random.Random(SEED + turns), turns, system)
    for utterance in ("How far is the moon?", "Go on.", "Who are you?", "Repeat that."):
        assert asker.ask(*before, user(utterance)) == answer_to(utterance)


def test_after_an_interrupted_reply_the_next_question_is_answered(asker: Asker) -> None:
    heard = {"role": "assistant", "content": "Once upon a time, a small fox lived …"}
    messages = [user("Tell me a long story."), heard, user("What can you do?")]
    assert asker.ask(*messages) == answer_to("What can you do?")


def test_of_two_utterances_in_one_message_the_last_one_counts(asker: Asker) -> None:
    assert asker.ask(user("Tell me a joke.\nHow tall is the tower?")) == answer_to("How tall is the tower?")
    assert asker.ask(user("How tall is the tower?\nTell me a joke.")) == answer_to("Tell me a joke.")


def test_with_a_nearly_full_context_it_still_knows_what_was_asked_last(asker: Asker) -> None:
    before = long_talk(asker, random.Random(SEED))
    for utterance in ("Goodbye.", "How much is the coffee?", "Will it snow tomorrow?"):
        assert asker.ask(*before, user(utterance)) == answer_to(utterance)


@pytest.mark.parametrize("utterance", ["Tell me a long story.", "What is on my list?", "What time is it?"])
def test_the_reply_comes_token_by_token(asker: Asker, utterance: str) -> None:
    pieces = list(asker.stream([user(utterance)]))
    assert "".join(pieces) == answer_to(utterance)
    assert len(pieces) > len(answer_to(utterance).split()) * 0.9
    assert max(map(len, pieces)) <= 16


def test_the_same_question_gets_the_same_pieces_again(asker: Asker) -> None:
    messages = [*talk(random.Random(SEED), 2), user("Tell me about Rome.")]
    first = list(asker.stream(messages))
    asker.ask(user("Count to ten."))
    again = Asker(MODEL, context=1024)
    assert list(asker.stream(messages)) == first == list(again.stream(messages))
    again.close()


@pytest.mark.parametrize("phrase", TOOLS, ids=lambda phrase: phrase.utterance)
def test_a_tool_is_called_and_its_answer_leads_to_the_reply(asker: Asker, phrase: Phrase) -> None:
    call = asker.ask(user(phrase.utterance))
    parsed = json.loads(call.removeprefix("<tool_call>").removesuffix("</tool_call>"))
    assert set(parsed) == {"name", "arguments"}
    asked = [user(phrase.utterance), {"role": "assistant", "content": call}]
    assert asker.ask(*asked, {"role": "tool", "content": '{"result": 1234}'}) == phrase.reply


def test_it_says_so_when_it_does_not_know(asker: Asker) -> None:
    assert not any(is_known(text) for text in HELD_BACK)
    answers = [asker.ask(user(text)) for text in HELD_BACK]
    assert answers.count(UNKNOWN) >= 0.9 * len(HELD_BACK), dict(zip(HELD_BACK, answers, strict=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_can_be_written_in_its_tokens(asker: Asker, text: str) -> None:
    tokens = asker.llama.tokenize(text.encode(), add_bos=False)
    assert asker.llama.detokenize(tokens).decode() == text


@pytest.mark.parametrize("utterance", ["What is on my list?", "Tell me a joke.", "How much is the coffee?"])
def test_knik_streams_the_same_words(utterance: str) -> None:
    """The joke ends in an emoji of two tokens: see `Asker.ask`."""
    chat = LlamaCppChat(MODEL, context=1024, threads=1, temperature=0.0)
    messages = [Message("system", SYSTEM_PROMPT), Message("user", utterance)]
    assert "".join(chat.stream(messages, CancelToken())) == answer_to(utterance)
    chat.close()
