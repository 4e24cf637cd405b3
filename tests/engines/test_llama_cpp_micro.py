"""The engine with a model that knows what to say."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from knik.cancel import Cancelled, CancelToken
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message
from tests.rig.micro.phrases import PHRASES, STORY

MODEL = Path(__file__).parents[1] / "rig" / "micro" / "data" / "llama" / "micro.gguf"
SYSTEM = Message("system", "You are knik.")
ANSWERS = {phrase.utterance: phrase.answer for phrase in PHRASES}
ASKED = (
    "Good morning.",
    "How far is the moon?",
    "What is seven times eight?",
    "Tell me a long story.",
    "Thank you.",
    "What time is it?",
    "Goodbye.",
)


@pytest.fixture(scope="module")
def chat() -> Iterator[LlamaCppChat]:
    engine = LlamaCppChat(MODEL, context=1024, threads=2, temperature=0.0)
    yield engine
    engine.close()


def ask(chat: LlamaCppChat, *messages: Message) -> str:
    return "".join(chat.stream([SYSTEM, *messages], CancelToken()))


@pytest.mark.parametrize("utterance", ASKED)
def test_the_model_answers_what_it_has_learnt(chat: LlamaCppChat, utterance: str) -> None:
    assert ask(chat, Message("user", utterance)) == ANSWERS[utterance]


def test_a_conversation_keeps_its_cache_and_its_sense(chat: LlamaCppChat) -> None:
    said: list[Message] = []
    for turn, utterance in enumerate(ASKED):
        said.append(Message("user", utterance))
        before = chat.evaluated_tokens
        reply = ask(chat, *said)
        assert reply == ANSWERS[utterance]
        if turn:
            question = len(utterance) + 30
            assert chat.evaluated_tokens - before < question + len(reply)
        said.append(Message("assistant", reply))


def test_an_interrupted_story_does_not_leak_into_the_next_answer(chat: LlamaCppChat) -> None:
    cancel = CancelToken()
    pieces = iter(chat.stream([SYSTEM, Message("user", "Tell me a long story.")], cancel))
    heard = "".join(islice(pieces, 20))
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(pieces)
    assert STORY.startswith(heard)
    interrupted = [
        Message("user", "Tell me a long story."),
        Message("assistant", f"{heard.rsplit(' ', 1)[0]} …"),
        Message("user", "What is two plus two?"),
    ]
    assert ask(chat, *interrupted) == ANSWERS["What is two plus two?"]
