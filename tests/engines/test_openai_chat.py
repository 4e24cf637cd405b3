import socket
import threading

import pytest

from knik.cancel import Cancelled, CancelToken
from knik.engines.openai import OpenAIChat
from knik.engines.protocols import Message
from knik.errors import KnikError
from tests.engines.http_stub import Exchange, delta, serving

ASKED = [Message("system", "Be brief."), Message("user", "Hello")]


def reply(url: str, cancel: CancelToken | None = None, **settings: object) -> list[str]:
    chat = OpenAIChat(url, "tiny", **settings)  # type: ignore[arg-type]
    try:
        return list(chat.stream(ASKED, cancel or CancelToken()))
    finally:
        chat.close()
        chat.close()


def test_a_reply_streams_through_keep_alives_and_split_characters() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(b": keep-alive\n\n")
        whole = delta("Grüße, ") + delta("🦊!")
        for byte in whole:
            exchange.chunk(bytes([byte]))
        exchange.chunk(b"data: [DONE]\n\n")
        exchange.end()

    with serving(answer) as server:
        pieces = reply(server.url, api_key="secret", max_tokens=7, temperature=0.0, top_p=0.9, seed=4)
        assert pieces == ["Grüße, ", "🦊!"]
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == "Bearer secret"
    assert request.json == {
        "model": "tiny",
        "stream": True,
        "max_tokens": 7,
        "temperature": 0.0,
        "top_p": 0.9,
        "seed": 4,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
        ],
    }


def test_thoughts_are_left_out() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start()
        for text in ("<thi", "nk>hm", "</think>\n\n", "Yes."):
            exchange.chunk(delta(text))
        exchange.chunk(b"data: [DONE]\n\n")
        exchange.end()

    with serving(answer) as server:
        assert "".join(reply(server.url)) == "Yes."


def test_a_server_that_does_not_stream_is_understood() -> None:
    body = b'{"choices": [{"message": {"content": "Whole."}, "finish_reason": "stop"}]}'
    with serving(lambda exchange: exchange.whole(body)) as server:
        assert reply(server.url) == ["Whole."]


def test_an_end_without_done_counts_when_the_reason_was_told() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(delta("All."))
        exchange.chunk(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n')
        exchange.end()

    with serving(answer) as server:
        assert reply(server.url) == ["All."]


def test_the_connection_is_kept_between_turns() -> None:
    clients: list[int] = []

    def answer(exchange: Exchange) -> None:
        clients.append(exchange.client_address[1])
        exchange.whole(b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}')

    with serving(answer) as server:
        chat = OpenAIChat(server.url, "tiny")
        for _ in range(3):
            assert list(chat.stream(ASKED, CancelToken())) == ["Hi"]
        chat.close()
    assert len(set(clients)) == 1


def failure(url: str, **settings: object) -> KnikError:
    with pytest.raises(KnikError) as caught:
        reply(url, **settings)
    return caught.value


def test_a_server_that_is_down_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    error = failure(f"http://127.0.0.1:{port}/v1")
    assert error.message.startswith(f"Nothing answers at http://127.0.0.1:{port}/v1")
    assert error.remedy.startswith("Start the server")


@pytest.mark.parametrize(
    ("status", "body", "message", "remedy"),
    [
        (404, b'{"error": {"message": "model not found"}}', '"tiny" (404: model not found)', "/v1"),
        (401, b'{"error": "bad key"}', "does not accept the key (401: bad key)", "api_key_env"),
        (500, b"<html>Oops</html>", "answered with error 500.", "log"),
        (503, b"Loading model", "answered with error 503: Loading model.", "log"),
        (307, b"", "answered with error 307.", "log"),
        (400, b"\xff\xfe" * 9000, "answered with error 400", "log"),
    ],
)
def test_a_refusal_says_what_the_server_said(status: int, body: bytes, message: str, remedy: str) -> None:
    with serving(lambda exchange: exchange.whole(body, status=status)) as server:
        error = failure(server.url)
    assert message in error.message
    assert server.url in error.message
    assert remedy in error.remedy


def test_a_stall_ends_in_an_error_not_in_waiting() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(delta("Once"))
        exchange.stall()

    with serving(answer) as server:
        assert "silent for 0.2 s" in failure(server.url, stall_timeout=0.2).message


def test_a_server_that_says_nothing_at_all_stalls_too() -> None:
    with serving(lambda exchange: exchange.stall()) as server:
        assert "silent for 0.2 s" in failure(server.url, stall_timeout=0.2).message


@pytest.mark.parametrize("ended", [True, False])
def test_a_reply_that_breaks_off_is_no_whole_reply(ended: bool) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(delta("Once upon"))
        if ended:
            exchange.end()
        exchange.drop()

    with serving(answer) as server:
        heard = []
        chat = OpenAIChat(server.url, "tiny")
        with pytest.raises(KnikError, match="broke the answer off"):
            heard.extend(piece for piece in chat.stream(ASKED, CancelToken()))
        chat.close()


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("text/html", b"<html>Welcome</html>", "something else than a stream"),
        ("text/html", b"x" * (1 << 21), "something else than a stream"),
        ("text/event-stream", b"data: {broken\n\n", "not JSON"),
        ("text/event-stream", b"data: [1]\n\n", "not JSON objects"),
        ("text/event-stream", b'data: {"error": {"message": "no memory"}}\n\n', "reports: no memory"),
        ("application/json", b"\xff\x00", "not JSON"),
    ],
)
def test_garbage_is_told_from_a_reply(kind: str, body: bytes, message: str) -> None:
    with serving(lambda exchange: exchange.whole(body, kind)) as server:
        assert message in failure(server.url).message


def test_cancelling_breaks_off_while_the_server_thinks() -> None:
    cancel = CancelToken()

    def answer(exchange: Exchange) -> None:
        threading.Timer(0.1, cancel.cancel).start()
        exchange.until_gone()

    with serving(answer) as server:
        with pytest.raises(Cancelled):
            reply(server.url, cancel, stall_timeout=60)
        assert server.gone.wait(10)


def test_cancelling_breaks_off_in_the_middle_and_the_next_turn_works() -> None:
    cancel = CancelToken()
    turn = iter(range(2))

    def answer(exchange: Exchange) -> None:
        exchange.start()
        exchange.chunk(delta("One"))
        if next(turn) == 0:
            exchange.until_gone()
        exchange.chunk(b"data: [DONE]\n\n")
        exchange.end()

    with serving(answer) as server:
        chat = OpenAIChat(server.url, "tiny", stall_timeout=60)
        pieces = chat.stream(ASKED, cancel)
        assert next(pieces) == "One"
        threading.Timer(0.1, cancel.cancel).start()
        with pytest.raises(Cancelled):
            next(pieces)
        assert server.gone.wait(10)
        assert list(chat.stream(ASKED, CancelToken())) == ["One"]
        chat.close()


def test_a_cancelled_turn_asks_nothing() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with serving(lambda exchange: exchange.stall()) as server, pytest.raises(Cancelled):
        reply(server.url, cancel)
    assert server.requests == []


@pytest.mark.parametrize("url", ["localhost:11434", "ftp://host/v1", "http://", "http://[::", ""])
def test_an_address_that_is_none_is_refused_at_once(url: str) -> None:
    with pytest.raises(KnikError, match="is no address") as caught:
        OpenAIChat(url, "tiny")
    assert caught.value.exit_code == 2


def test_a_key_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(KnikError, match="key holds characters"):
        OpenAIChat("http://localhost/v1", "tiny", api_key="schlüssel")
