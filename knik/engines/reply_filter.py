"""What of a model's output is meant to be heard."""

from collections.abc import Sequence

THINK_OPEN = "<think>"
THINK_CLOSE = "</think>"


class ReplyFilter:
    """Takes a reply piece by piece, and gives it back without thoughts and up to a stop string.

    Text that may turn out to be the beginning of a tag or of a stop string is held back until the next
    piece tells. Blank space in front of the reply, as thinking models leave it, is dropped.

    Args:
        stop: Strings that end the reply.
        thinking: Whether the prompt has opened a thought already.
    """

    def __init__(self, stop: Sequence[str] = (), *, thinking: bool = False) -> None:
        self._stop = tuple(s for s in stop if s)
        self._held = ""
        self._begun = False
        self.thinking = thinking
        """Whether the text that comes now is a thought."""
        self.stopped = False
        """Whether a stop string has ended the reply; what is fed after that is ignored."""

    def feed(self, text: str) -> str:
        """The part of the reply that is sure after this piece; often empty."""
        self._held += text
        out: list[str] = []
        while not self.stopped and self._step(out):
            pass
        return self._tidy("".join(out))

    def flush(self) -> str:
        """What was held back, once the model has ended."""
        held, self._held = self._held, ""
        return "" if self.thinking or self.stopped else self._tidy(held)

    def _step(self, out: list[str]) -> bool:
        """Move up to the next mark from held to `out`; False when more text has to come first."""
        marks = (THINK_CLOSE,) if self.thinking else (THINK_OPEN, THINK_CLOSE, *self._stop)
        found = [(at, mark) for mark in marks if (at := self._held.find(mark)) >= 0]
        if not found:
            keep = _partial(self._held, marks)
            self._emit(out, len(self._held) - keep)
            return False
        at, mark = min(found, key=lambda hit: (hit[0], -len(hit[1])))
        self._emit(out, at)
        self._held = self._held[len(mark) :]
        if mark in (THINK_OPEN, THINK_CLOSE):
            self.thinking = mark == THINK_OPEN
        else:
            self.stopped, self._held = True, ""
        return True

    def _emit(self, out: list[str], count: int) -> None:
        if not self.thinking:
            out.append(self._held[:count])
        self._held = self._held[count:]

    def _tidy(self, text: str) -> str:
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        return text


def _partial(text: str, marks: Sequence[str]) -> int:
    """Length of the longest end of `text` that begins one of the marks."""
    longest = max(map(len, marks), default=1) - 1
    for size in range(min(longest, len(text)), 0, -1):
        if any(mark.startswith(text[-size:]) for mark in marks):
            return size
    return 0
