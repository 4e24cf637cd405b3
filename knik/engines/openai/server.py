"""One server: its address, its key, and what can go wrong on the way to it."""

import ipaddress
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from knik.cancel import CancelToken
from knik.errors import KnikError

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 3.0
KEEP_ALIVE_SECONDS = 60.0
_ERROR_BYTES = 4096
_ERROR_CHARS = 200


class Server:
    """An HTTP client of one server, for one thread.

    Args:
        url: Address of the API, such as "http://localhost:11434/v1".
        model: What the server calls the model; only named in messages here.
        api_key: Sent as bearer token, if any.
        stall_timeout: Seconds that the server may be silent.

    Raises:
        KnikError: The address or the key cannot be one.
    """

    def __init__(self, url: str, model: str, *, api_key: str = "", stall_timeout: float = 15.0) -> None:
        import httpx

        self.url = url.rstrip("/")
        self.model = model
        self._stall = stall_timeout
        self._socket: socket.socket | None = None
        self._failures = (httpx.HTTPError, httpx.StreamError)
        self._client = httpx.Client(
            headers=_authorization(api_key.strip()),
            timeout=httpx.Timeout(stall_timeout, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=KEEP_ALIVE_SECONDS),
            # A proxy has no business between this machine and itself.
            trust_env=not _is_here(_host(self.url)),
        )

    @property
    def address(self) -> str:
        """Host and port, for the screen."""
        return self.url.partition("://")[2]

    @contextmanager
    def post(self, path: str, cancel: CancelToken, **content: Any) -> Iterator["httpx.Response"]:
        """Post a request and hand out the answer, whose body is still to be read with `body`.

        Args:
            path: Below the address, such as "/chat/completions".
            cancel: Breaks the connection off, whatever it waits for. Only connecting itself cannot be
                hurried, which ends after `CONNECT_SECONDS`.
            content: httpx's `json`, `data` and `files`.

        Raises:
            Cancelled: At any time.
            KnikError: The server is down, silent, breaks off or answers with an error.
        """
        cancel.check()

        def trace(event: str, info: dict[str, Any]) -> None:
            self._trace(event, info)
            if cancel.cancelled:
                self._break_off()

        withdraw = cancel.on_cancel(self._break_off)
        try:
            with self._client.stream(
                "POST", self.url + path, extensions={"trace": trace}, **content
            ) as response:
                cancel.check()
                if not response.is_success:
                    raise self._refused(response.status_code, path, _beginning(response))
                yield response
        except self._failures as error:
            cancel.check()
            raise self._failed(error) from error
        finally:
            withdraw()

    def unexpected(self, why: str) -> KnikError:
        """The server answered, but not as the API does."""
        return KnikError(
            f"The server at {self.url} {why}.",
            "Check that the address is that of an OpenAI-compatible API; it usually ends with /v1.",
        )

    def broke_off(self) -> KnikError:
        """The answer ended before its end."""
        return KnikError(
            f"The server at {self.url} broke the answer off.", "The server's log should say why."
        )

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self._client.close()

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        """httpcore tells of every connection it opens; the only way to a socket that still waits."""
        if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")

    def _break_off(self) -> None:
        """Wake the thread that waits for the server; closing the socket would not."""
        waiting = self._socket
        if waiting is not None:
            # Not SSLSocket's own method, which takes away what the waiting thread is using.
            with suppress(OSError):
                socket.socket.shutdown(waiting, socket.SHUT_RDWR)

    def _failed(self, error: Exception) -> KnikError:
        import httpx

        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            return KnikError(
                f"Nothing answers at {self.url} ({error}).",
                "Start the server, or correct url in the configuration.",
            )
        if isinstance(error, httpx.TimeoutException):
            return KnikError(
                f"The server at {self.url} has been silent for {self._stall:g} s.",
                "Look at its log; it may still be loading the model, or be too slow for it.",
            )
        return self.broke_off()

    def _refused(self, status: int, path: str, body: bytes) -> KnikError:
        said = error_text(body)
        because = f": {said}" if said else ""
        if status in (401, 403):
            return KnikError(
                f"The server at {self.url} does not accept the key ({status}{because}).",
                "Put the right one into the environment variable that api_key_env names.",
            )
        if status == 404:
            return KnikError(
                f'The server at {self.url} has no {path} for the model "{self.model}" (404{because}).',
                "Set model to one that it has, and check that the address ends with /v1.",
            )
        return KnikError(
            f"The server at {self.url} answered with error {status}{because}.",
            "The server's log should say more.",
        )


def error_text(body: bytes) -> str:
    """What an error's body says, in one line; empty when it says nothing readable."""
    text = body.decode("utf-8", "replace")
    with suppress(ValueError):
        value = json.loads(text)
        for key in ("error", "message", "detail"):
            if isinstance(value, dict) and key in value:
                value = value[key]
        text = value if isinstance(value, str) else json.dumps(value)
    line = " ".join(text.split())
    return "" if line.startswith("<") else line[:_ERROR_CHARS]


def _beginning(response: "httpx.Response") -> bytes:
    body = b""
    for part in response.iter_bytes():
        body += part
        if len(body) >= _ERROR_BYTES:
            break
    return body[:_ERROR_BYTES]


def _authorization(api_key: str) -> dict[str, str]:
    if not api_key.isascii() or not api_key.isprintable():
        raise KnikError(
            "The server's key holds characters that no key has.",
            "Correct the environment variable that api_key_env names.",
        )
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


def _host(url: str) -> str:
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise KnikError(
            f'"{url}" is no address of a server.', "Write one such as http://localhost:11434/v1.", exit_code=2
        )
    return parsed.host


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
