import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knik.cancel import Cancelled, CancelToken
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.llama_runtime import BATCH
from knik.engines.protocols import Message
from knik.errors import KnikError
from tests.engines.gguf_maker import CHATML, CONTROL, END, NO_SYSTEM, THINKING, make_gguf

SYSTEM = Message("system", "You are knik. " * 20)
FIRST = Message("user", "Good morning.")
SECOND = Message("user", "How far is the moon?")

Open = Callable[..., LlamaCppChat]


@pytest.fixture
def open_chat(tmp_path: Path) -> Iterator[Open]:
    """Opens models made on the spot and closes them."""
    opened: list[LlamaCppChat] = []

    def open_model(template: str = CHATML, say: str = "", **settings: object) -> LlamaCppChat:
        path = make_gguf(tmp_path / "test.gguf", template, say=say)
        chat = LlamaCppChat(path, threads=2, **{"context": 1024, "seed": 1, **settings})  # type: ignore[arg-type]
        opened.append(chat)
        return chat

    yield open_model
    for chat in opened:
        chat.close()
        chat.close()


def ask(chat: LlamaCppChat, *messages: Message) -> str:
    return "".join(chat.stream(messages, CancelToken()))


def cost(chat: LlamaCppChat, *messages: Message) -> tuple[str, int]:
    """The reply, and how many tokens had to be evaluated for it."""
    before = chat.evaluated_tokens
    return ask(chat, *messages), chat.evaluated_tokens - before


def test_a_second_turn_evaluates_only_what_is_new(open_chat: Open) -> None:
    chat = open_chat(say="a", max_tokens=30)
    reply, whole = cost(chat, SYSTEM, FIRST)
    assert reply == "a" * 30
    _, more = cost(chat, SYSTEM, FIRST, Message("assistant", reply), SECOND)
    assert whole > len(SYSTEM.content)
    # The question, the tags around it, and the reply but for its last token.
    assert more < len(SECOND.content) + 60 + 30


def test_what_is_prefilled_is_not_evaluated_again(open_chat: Open) -> None:
    chat = open_chat(say="a", max_tokens=1)
    chat.prefill([SYSTEM], CancelToken())
    assert chat.evaluated_tokens >= len(SYSTEM.content)
    _, more = cost(chat, SYSTEM, FIRST)
    assert more < len(FIRST.content) + 30


def test_prefilling_what_is_cached_costs_nothing_and_keeps_the_rest(open_chat: Open) -> None:
    chat = open_chat(say="a", max_tokens=1)
    ask(chat, SYSTEM, FIRST)
    before = chat.evaluated_tokens
    chat.prefill([SYSTEM], CancelToken())
    assert chat.evaluated_tokens == before
    assert cost(chat, SYSTEM, FIRST)[1] == 1


def test_a_conversation_that_ends_with_the_user_is_prefilled_whole(open_chat: Open) -> None:
    chat = open_chat(say="a", max_tokens=1)
    chat.prefill([SYSTEM, FIRST], CancelToken())
    assert cost(chat, SYSTEM, FIRST)[1] == 1


def test_another_conversation_is_not_mixed_up_with_the_cached_one(open_chat: Open) -> None:
    chat = open_chat(temperature=0.0, max_tokens=8)
    alone = ask(chat, FIRST)
    ask(chat, SYSTEM, SECOND)
    assert ask(chat, FIRST) == alone


def test_after_a_cancelled_reply_the_next_one_is_right(open_chat: Open) -> None:
    chat = open_chat(temperature=0.0, max_tokens=8)
    wanted = ask(chat, SYSTEM, FIRST)
    cancel = CancelToken()
    pieces = chat.stream([SYSTEM, SECOND], cancel)
    next(pieces)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(pieces)
    assert ask(chat, SYSTEM, FIRST) == wanted


def test_an_abandoned_reply_leaves_no_trace(open_chat: Open) -> None:
    chat = open_chat(temperature=0.0, max_tokens=8)
    wanted = ask(chat, SYSTEM, FIRST)
    pieces = chat.stream([SYSTEM, SECOND], CancelToken())
    assert isinstance(pieces, Iterator)
    next(pieces)
    del pieces
    assert ask(chat, SYSTEM, FIRST) == wanted


class ExpiringToken(CancelToken):
    """Cancels itself at the n-th look, as another thread would in the middle of the work."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self._looks = itertools.count(1)
        self._last = looks

    def check(self) -> None:
        if next(self._looks) == self._last:
            self.cancel()
        super().check()


def test_a_prompt_is_cancelled_between_batches_and_its_beginning_kept(open_chat: Open) -> None:
    chat = open_chat(say="a", max_tokens=1)
    with pytest.raises(Cancelled):
        chat.prefill([SYSTEM], ExpiringToken(3))
    assert chat.evaluated_tokens == 2 * BATCH
    chat.prefill([SYSTEM], CancelToken())
    assert cost(chat, SYSTEM, FIRST)[1] < len(FIRST.content) + 30


def test_the_end_of_the_message_ends_the_reply(open_chat: Open) -> None:
    assert ask(open_chat(say=END), FIRST) == ""


@pytest.mark.parametrize("token", CONTROL[:1])
def test_control_tokens_are_never_spoken(open_chat: Open, token: str) -> None:
    assert ask(open_chat(say=token, max_tokens=5), FIRST) == ""


def test_a_character_is_held_until_its_last_byte(open_chat: Open) -> None:
    # "Ã" stands for byte C3, the first half of many letters; alone it never becomes one.
    chat = open_chat(say="Ã", max_tokens=4)
    assert ask(chat, FIRST) == "\ufffd" * 4


def test_arbitrary_bytes_are_always_text(open_chat: Open) -> None:
    chat = open_chat(temperature=1.5, top_p=1.0, max_tokens=300)
    ask(chat, FIRST).encode("utf-8")


def test_a_stop_string_ends_the_reply(open_chat: Open) -> None:
    assert ask(open_chat(say="a", max_tokens=10, stop=("aaa",)), FIRST) == ""
    assert ask(open_chat(say="a", max_tokens=2, stop=("aaa",)), FIRST) == "aa"


def test_an_opened_thought_without_an_end_is_not_spoken(open_chat: Open) -> None:
    chat = open_chat(THINKING, say="a", context=256)
    assert ask(chat, FIRST) == ""


def test_the_reply_ends_with_the_context(open_chat: Open) -> None:
    chat = open_chat(say="a", context=256, max_tokens=1000)
    assert 100 < len(ask(chat, FIRST)) < 256


def test_a_conversation_that_does_not_fit_is_refused_and_the_next_one_works(open_chat: Open) -> None:
    chat = open_chat(say="a", context=256, max_tokens=3)
    with pytest.raises(KnikError, match=r"does not fit into the chat model's context of 256") as caught:
        ask(chat, Message("user", "x" * 300))
    assert "chat.context" in caught.value.remedy
    chat.prefill([Message("system", "x" * 300)], CancelToken())
    assert ask(chat, FIRST) == "aaa"


def test_a_template_without_a_system_role_gets_it_with_the_first_question(open_chat: Open) -> None:
    chat = open_chat(NO_SYSTEM, say="a", max_tokens=2)
    chat.prefill([SYSTEM], CancelToken())
    reply, more = cost(chat, SYSTEM, FIRST)
    assert reply == "aa"
    assert more < len(FIRST.content) + 40


def test_a_file_without_a_template_gets_chatml(open_chat: Open) -> None:
    assert ask(open_chat("", say="a", max_tokens=2), SYSTEM, FIRST) == "aa"


def test_a_broken_template_is_an_error(open_chat: Open) -> None:
    with pytest.raises(KnikError, match="template is broken"):
        open_chat("{% for %}")


def test_a_template_that_refuses_the_conversation_is_an_error(open_chat: Open) -> None:
    chat = open_chat("{{ raise_exception('no') }}")
    with pytest.raises(KnikError, match=r"refuses the conversation \(no\)"):
        ask(chat, FIRST)


def test_the_same_seed_says_the_same(open_chat: Open) -> None:
    chat = open_chat(temperature=1.0, max_tokens=10)
    assert ask(chat, FIRST) == ask(chat, FIRST)


def test_nothing_is_printed(open_chat: Open, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ask(open_chat(max_tokens=5), FIRST)
    (tmp_path / "broken.gguf").write_bytes((tmp_path / "test.gguf").read_bytes()[:30_000])
    with pytest.raises(KnikError):
        LlamaCppChat(tmp_path / "broken.gguf")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"missing\.gguf cannot be read \(No such file"),
        (b"", r"missing\.gguf is no GGUF file"),
        (b"<html>", r"missing\.gguf is no GGUF file"),
        (b"GGUF" + b"\0" * 100, r"cannot load .*missing\.gguf"),
    ],
)
def test_a_missing_or_broken_file_is_named_with_the_remedy(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "missing.gguf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KnikError, match=message) as caught:
        LlamaCppChat(path)
    assert "knik models download" in caught.value.remedy


def test_the_screen_learns_the_model(open_chat: Open) -> None:
    chat = open_chat()
    assert (chat.info.name, chat.info.detail, chat.info.builtin) == ("llama.cpp", "test on CPU", False)


def test_without_llama_cpp_the_remedy_is_told(open_chat: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp", None)
    with pytest.raises(KnikError, match="needs llama-cpp-python") as caught:
        open_chat()
    assert "uv sync --extra llama" in caught.value.remedy
