"""A file server on this machine that drops, truncates, corrupts, redirects and forgets as told."""

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

DATA = bytes(range(256)) * 4_000
SUM = hashlib.sha256(DATA).hexdigest()


@dataclass
class Server:
    """What the server does, and what it was asked.

    Attributes:
        url: Its address, ending in a slash.
        drop_after: For each of the next answers, the bytes after which the line breaks.
        ranges: Whether it knows range requests.
        shifted: Answer a range with one that begins so many bytes later.
        corrupt: Change the first byte it sends.
        statuses: Refuse the next requests with these.
        missing: Paths that are not there.
        etag: Version it announces; empty for none.
        linked: Redirect once, announcing this as X-Linked-Etag, as Hugging Face does.
        slow: Seconds between two pieces.
        asked: Path and range of each request.
        most_at_once: The most answers that were under way at the same time.
    """

    url: str = ""
    drop_after: list[int] = field(default_factory=list)
    ranges: bool = True
    shifted: int = 0
    corrupt: bool = False
    statuses: list[int] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    etag: str = f'"{SUM}"'
    linked: str = ""
    slow: float = 0.0
    asked: list[str] = field(default_factory=list)
    most_at_once: int = 0
    under_way: int = 0


class _Handler(BaseHTTPRequestHandler):
    state: Server

    def do_GET(self) -> None:
        state, wanted = self.state, self.headers.get("Range", "")
        state.asked.append(f"{self.path} {wanted}".strip())
        if state.linked and not self.path.startswith("/cdn"):
            self._head(302, {"Location": f"/cdn{self.path}", "X-Linked-Etag": state.linked})
        elif state.statuses:
            self._head(state.statuses.pop(0), {})
        elif self.path in state.missing:
            self._head(404, {})
        else:
            self._file(wanted)

    def _file(self, wanted: str) -> None:
        state = self.state
        fresh = self.headers.get("If-Range", state.etag) == state.etag
        start = int(wanted[6:-1]) if wanted and state.ranges and fresh else 0
        if start >= len(DATA):
            self._head(416, {"Content-Range": f"bytes */{len(DATA)}"})
            return
        start += state.shifted if start else 0
        body = DATA[start:]
        headers = {"Content-Length": str(len(body)), "ETag": state.etag}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
        self._head(206 if start else 200, headers)
        if state.corrupt:
            body = b"x" + body[1:]
        if state.drop_after:
            body = body[: state.drop_after.pop(0)]
        state.under_way += 1
        state.most_at_once = max(state.most_at_once, state.under_way)
        with contextlib.suppress(ConnectionError):
            for at in range(0, len(body), 65_536):
                self.wfile.write(body[at : at + 65_536])
                time.sleep(state.slow)
        state.under_way -= 1

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """Run a server on a free port."""
    state = Server()
    http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.url = f"http://127.0.0.1:{http.server_address[1]}/"
    # A short poll lets every test end at once.
    thread = Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
