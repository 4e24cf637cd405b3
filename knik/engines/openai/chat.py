"""A chat model behind an OpenAI-compatible server."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from knik.cancel import CancelToken
from knik.engines.openai.server import Server, error_text
from knik.engines.openai.sse import SseParser
from knik.engines.protocols import EngineInfo, Message
from knik.engines.reply_filter import ReplyFilter

if TYPE_CHECKING:
    import httpx

DONE = "[DONE]"


class OpenAIChat:
    """Streams replies from /chat/completions.

    Args:
        base_url: Address of the API, such as "http://localhost:11434/v1".
        model: What the server calls the model.
        api_key: Sent as bearer token, if any.
        max_tokens: Longest reply.
        temperature: 0 always takes the likeliest token.
        top_p: Share of the probability that is drawn from; None is not sent, since some models bear no two
            such settings.
        seed: Makes replies repeatable, where the server knows how; -1 is not sent.
        stall_timeout: Seconds that the server may be silent.

    Raises:
        KnikError: The address or the key cannot be one. The server is first asked by `stream`.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str = "",
        max_tokens: int = 512,
        temperature: float = 0.7,
        top_p: float | None = None,
        seed: int = -1,
        stall_timeout: float = 15.0,
    ) -> None:
        self._server = Server(base_url, model, api_key=api_key, stall_timeout=stall_timeout)
        self._settings = {
            "model": model,
            "stream": True,
            "max_tokens": max_tokens,
            "temperature": temperature,
        }
        if top_p is not None:
            self._settings["top_p"] = top_p
        if seed >= 0:
            self._settings["seed"] = seed

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("openai", f"{self._server.model} at {self._server.address}")

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        """Yield the reply as it comes, thoughts left out.

        Raises:
            Cancelled: At any time; the connection is broken off, which stops the server too.
            KnikError: The server is down, silent, breaks off or answers with an error.
        """
        said = [{"role": message.role, "content": message.content} for message in messages]
        reply = ReplyFilter()
        request = {**self._settings, "messages": said}
        with self._server.post("/chat/completions", cancel, json=request) as response:
            for text in self._pieces(response):
                cancel.check()
                if heard := reply.feed(text):
                    yield heard
        cancel.check()
        if heard := reply.flush():
            yield heard

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> bool:  # noqa: ARG002
        """Does nothing: the API has no such call, and servers keep caches of their own."""
        return False

    def close(self) -> None:
        self._server.close()

    def _pieces(self, response: "httpx.Response") -> Iterator[str]:
        if response.headers.get("content-type", "").startswith("application/json"):
            # The server does not stream, or had an error to tell after all.
            yield from self._delta(response.read().decode("utf-8", "replace"))[0]
            return
        complete = False
        for event in self._events(response):
            if event == DONE:
                return
            texts, ended = self._delta(event)
            complete |= ended
            yield from texts
        if not complete:
            raise self._server.broke_off()

    def _events(self, response: "httpx.Response") -> Iterator[str]:
        parser = SseParser()
        events = 0
        try:
            for data in response.iter_bytes():
                for event in parser.feed(data):
                    events += 1
                    yield event
        except ValueError as error:
            raise self._server.unexpected("sends something else than a stream of events") from error
        last = parser.end()
        if not events and not last:
            raise self._server.unexpected("sends something else than a stream of events")
        yield from last

    def _delta(self, event: str) -> tuple[list[str], bool]:
        """The texts of an event, and whether the reply ends with it."""
        try:
            value = json.loads(event)
        except ValueError as error:
            raise self._server.unexpected("sends events that are not JSON") from error
        if not isinstance(value, dict):
            raise self._server.unexpected("sends events that are not JSON objects")
        if value.get("error"):
            raise self._server.unexpected(f"reports: {error_text(event.encode())}")
        texts: list[str] = []
        ended = False
        for choice in _dicts(value.get("choices")):
            part = choice.get("delta") or choice.get("message")
            text = part.get("content") if isinstance(part, dict) else None
            if isinstance(text, str) and text:
                texts.append(text)
            ended |= bool(choice.get("finish_reason"))
        return texts, ended


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
