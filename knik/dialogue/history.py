"""What was said and what was heard, as the chat model gets to see it."""

from collections.abc import Callable
from dataclasses import dataclass

from knik.engines.protocols import Message

CUT_OFF_MARK = " …"
"""Ends a reply that the user did not let finish."""


@dataclass(slots=True)
class Exchange:
    """One turn of the conversation.

    Attributes:
        turn: Its id.
        user: What the user said; empty for an announcement.
        assistant: What was heard of the reply.
        cut_off: True when the user interrupted the reply.
    """

    turn: int
    user: str
    assistant: str = ""
    cut_off: bool = False


SMALLEST_BUDGET = 200
"""Characters: a turn or two."""


class History:
    """The conversation so far, in whole turns.

    Args:
        system: The system prompt, empty for none.
        budget: Characters of conversation given to the chat model. When they are exceeded, the
            oldest turns are left out until half of the budget is used, so that the prompt's prefix
            (and with it the KV cache) stays the same for many turns, instead of moving with each.
    """

    def __init__(self, system: str = "", budget: int = 8_000) -> None:
        self.system = system
        self._budget = max(SMALLEST_BUDGET, budget)
        self._exchanges: list[Exchange] = []
        self._first = 0

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All turns since the beginning or the last `clear`."""
        return tuple(self._exchanges)

    @property
    def last_reply(self) -> str:
        """What was heard of the latest reply, or an empty string."""
        return next((e.assistant for e in reversed(self._exchanges) if e.assistant), "")

    def commit(self, turn: int, user: str) -> None:
        """The user said `user`, which turn `turn` answers."""
        self._exchanges.append(Exchange(turn, user))

    def heard(self, turn: int, text: str, *, cut_off: bool = False) -> None:
        """Of the reply of `turn`, `text` was heard; without such a turn it is an announcement."""
        exchange = self._find(lambda e: e.turn == turn)
        if exchange is None:
            if not text:
                return
            exchange = Exchange(turn, "")
            self._exchanges.append(exchange)
        exchange.assistant, exchange.cut_off = text, cut_off

    def retract(self, turn: int) -> None:
        """Forget the turn, whose words come again in a longer utterance."""
        self._exchanges = [e for e in self._exchanges if e.turn != turn]

    def clear(self) -> None:
        """Forget everything but the system prompt."""
        self._exchanges, self._first = [], 0

    def shrink(self) -> None:
        """Give the chat model at most half of what it gets now: the guess of its budget was too high."""
        self._budget = max(SMALLEST_BUDGET, self._size() // 2)

    def make_room(self) -> None:
        """Leave out the oldest turns now, while nobody waits, if the next turn may exceed the budget."""
        if self._size() > self._budget * 3 // 4:
            self._leave_out()

    def messages(self, utterance: str | None = None) -> list[Message]:
        """The conversation for the chat model, ending with `utterance` if one is given.

        A turn whose reply was not heard at all contributes its user message alone; two user
        messages in a row become one, since many chat templates insist on alternating roles.
        """
        self._trim()
        messages = [Message("system", self.system)] if self.system else []
        for exchange in self._exchanges[self._first :]:
            if exchange.user:
                _append(messages, Message("user", exchange.user))
            if exchange.assistant:
                mark = CUT_OFF_MARK if exchange.cut_off else ""
                _append(messages, Message("assistant", exchange.assistant + mark))
        if utterance is not None:
            _append(messages, Message("user", utterance))
        return messages

    def _trim(self) -> None:
        self._first = min(self._first, len(self._exchanges))
        if self._size() > self._budget:
            self._leave_out()

    def _leave_out(self) -> None:
        while self._first < len(self._exchanges) - 1 and self._size() > self._budget // 2:
            self._first += 1

    def _size(self) -> int:
        return sum(len(e.user) + len(e.assistant) for e in self._exchanges[self._first :])

    def _find(self, test: Callable[[Exchange], bool]) -> Exchange | None:
        return next((e for e in reversed(self._exchanges) if test(e)), None)


def without_older_half(messages: list[Message]) -> list[Message]:
    """The messages with the older half of the turns left out; the system prompt and the last stay."""
    system = [message for message in messages[:1] if message.role == "system"]
    rest = messages[len(system) :]
    kept = rest[(len(rest) + 1) // 2 :] if len(rest) > 1 else rest
    while len(kept) > 1 and kept[0].role == "assistant":
        kept = kept[1:]
    return [*system, *kept]


def _append(messages: list[Message], message: Message) -> None:
    if messages and messages[-1].role == message.role:
        message = Message(message.role, f"{messages.pop().content}\n{message.content}")
    messages.append(message)
