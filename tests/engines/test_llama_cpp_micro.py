"""The engine with a model that knows what to say."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from knik.cancel import Cancelled, CancelToken
from knik.engines import llama_runtime
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message
from tests.rig.micro.phrases import PHRASES, STORY

MODEL = Path(__file__).parents[1] / "rig" / "micro" / "data" / "llama" / "micro.gguf"
FLASH_ATTENTION = 1
"""llama.h's LLAMA_FLASH_ATTN_TYPE_ENABLED."""

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


def test_turns_left_out_at_the_front_are_not_paid_for_by_the_rest(chat: LlamaCppChat) -> None:
    said = [m for a in ASKED[:6] for m in (Message("user", a), Message("assistant", ANSWERS[a]))]
    assert ask(chat, *said, Message("user", "Goodbye.")) == ANSWERS["Goodbye."]
    before = chat.evaluated_tokens
    assert ask(chat, *said[4:], Message("user", "Good morning.")) == ANSWERS["Good morning."]
    assert chat.evaluated_tokens - before < len("Good morning.") + 30 + len(ANSWERS["Good morning."]) + 10


def start(states: Path) -> tuple[int, str]:
    """One run of the program: the tokens that its system prompt cost, and an answer."""
    system = Message("system", "You are knik, and you are kind. " * 4)
    question = Message("user", "How far is the moon?")
    engine = LlamaCppChat(MODEL, context=1024, threads=2, temperature=0.0, states=states)
    engine.prefill([system], CancelToken())
    evaluated = engine.evaluated_tokens
    reply = "".join(engine.stream([system, question], CancelToken()))
    engine.close()
    return evaluated, reply


def test_the_system_prompt_is_evaluated_once_for_all_starts(tmp_path: Path) -> None:
    first, answer = start(tmp_path)
    assert first > 32
    assert start(tmp_path) == (0, answer)
    (saved,) = tmp_path.iterdir()
    assert "moon" not in saved.read_bytes().decode("latin-1")
    saved.write_bytes(saved.read_bytes()[:1000])
    assert start(tmp_path) == (first, answer)
    assert start(tmp_path) == (0, answer)


def test_a_state_of_another_attention_is_evaluated_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As an older knik kept it; the cache lies in another order in it.
    with monkeypatch.context() as older:
        older.setattr(llama_runtime, "PLAIN_ATTENTION", FLASH_ATTENTION)
        first, answer = start(tmp_path)
        assert start(tmp_path) == (0, answer)
    assert start(tmp_path) == (first, answer)
    assert start(tmp_path) == (0, answer)


def test_a_conversation_is_never_written_to_disk(tmp_path: Path) -> None:
    engine = LlamaCppChat(MODEL, context=1024, threads=2, states=tmp_path)
    engine.prefill([SYSTEM, Message("user", "My secret is safe. " * 5)], CancelToken())
    engine.prefill([SYSTEM, Message("user", "a"), Message("assistant", "My secret. " * 9)], CancelToken())
    engine.close()
    assert list(tmp_path.iterdir()) == []


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
