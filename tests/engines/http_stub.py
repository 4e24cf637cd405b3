"""A real HTTP server on this machine whose answers a test writes."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Exchange(BaseHTTPRequestHandler):
    """One request, and the means to answer it in any way a server can, or can fail to."""

    protocol_version = "HTTP/1.1"
    server: "StubServer"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append(Request(self.path, dict(self.headers), body))
        with suppress(OSError):
            self.server.answer(self)

    def start(self, kind: str = "text/event-stream", status: int = 200) -> None:
        """Begin an answer of unknown length."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        """Send a part of the answer."""
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end(self) -> None:
        """End the answer."""
        self.wfile.write(b"0\r\n\r\n")
        self.wfile.flush()

    def whole(self, data: bytes, kind: str = "application/json", status: int = 200) -> None:
        """Answer at once."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def drop(self) -> None:
        """Break the connection off."""
        self.close_connection = True

    def stall(self) -> None:
        """Be silent until the test is over or the client has gone."""
        self.server.over.wait(20)
        self.close_connection = True

    def until_gone(self) -> None:
        """Wait for the client to break the connection off, and say so."""
        with suppress(OSError):
            self.rfile.read(1)
        self.server.gone.set()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Request:
    """What a client sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answers:
    """What the test sees of its server."""

    url: str
    requests: list[Request] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)


class StubServer(ThreadingHTTPServer):
    """Answers every request by one function."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Exchange], None]) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.answer = answer
        self.over = threading.Event()
        self.seen = Answers(f"http://127.0.0.1:{self.server_address[1]}/v1")
        self.requests, self.gone = self.seen.requests, self.seen.gone

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are what the tests are about."""


@contextmanager
def serving(answer: Callable[[Exchange], None]) -> Iterator[Answers]:
    """Run a server while the test talks to it."""
    server = StubServer(answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.seen
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def delta(text: str) -> bytes:
    """An event of a streamed reply."""
    event = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()
