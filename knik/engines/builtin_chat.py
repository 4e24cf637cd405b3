"""The chat model of a machine that has none."""

from collections.abc import Iterator, Sequence

from knik.cancel import CancelToken
from knik.engines.protocols import EngineInfo, Message

REPLIES = (
    "I have no language model yet, so I can only tell the time and the date, do sums, convert units "
    "and set timers. Run knik models download to teach me more.",
    "That needs a language model, which is not installed. Ask me for the time, a sum or a timer, "
    "or run knik models download.",
    "Without a language model I do not know. The command knik models download fetches one.",
)


class BuiltinChat:
    """Says honestly that it cannot converse; simple requests never reach it, since the reflexes answer
    them first."""

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("rules", "built-in answers, no language model", builtin=True)

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        """One of three sentences, in turn as the conversation goes on."""
        cancel.check()
        asked = sum(message.role == "user" for message in messages)
        yield REPLIES[(asked - 1) % len(REPLIES)]

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> bool:  # noqa: ARG002
        """There is nothing to evaluate."""
        return False

    def close(self) -> None:
        """There is nothing to free."""
