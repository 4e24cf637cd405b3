"""Server-sent events, as the streaming chat API sends them."""

MAX_EVENT_BYTES = 1 << 20
"""No server writes a longer event; what is longer is no event stream."""


class SseParser:
    """Takes the bytes of an event stream as they come and gives back the events' data.

    Follows the WHATWG standard ("9.2.6 Interpreting an event stream"): lines end with LF, CR or CRLF,
    comments keep the connection alive and say nothing, several data lines make one event. Other than
    there, an event that the end of the stream cuts short counts: some servers leave the last blank
    line out.

    Bytes that are no UTF-8 are replaced, never raised about.
    """

    def __init__(self) -> None:
        self._line = bytearray()
        self._data: list[str] = []
        self._after_cr = False
        self._size = 0

    def feed(self, data: bytes) -> list[str]:
        """The data of the events that these bytes complete.

        Raises:
            ValueError: An event is longer than `MAX_EVENT_BYTES`.
        """
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
        if data:
            self._after_cr = data.endswith(b"\r")
        events: list[str] = []
        *lines, rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._grow(len(line))
            self._take(bytes(self._line + line), events)
            self._line.clear()
        self._grow(len(rest))
        self._line += rest
        return events

    def end(self) -> list[str]:
        """The data of the event that the stream's end completes."""
        events: list[str] = []
        self._take(bytes(self._line), events)
        self._line.clear()
        self._take(b"", events)
        return events

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_EVENT_BYTES:
            raise ValueError("an event is too long")

    def _take(self, line: bytes, events: list[str]) -> None:
        if not line:
            self._size = 0
            if self._data:
                events.append("\n".join(self._data))
                self._data.clear()
            return
        name, _, value = line.decode("utf-8", "replace").lstrip("\ufeff").partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
