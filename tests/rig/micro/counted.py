"""The real chat engine on the micro model, with a look at what it evaluates and when."""

import queue
from collections.abc import Iterator, Sequence

from knik.cancel import CancelToken
from knik.engines.llama_cpp import LlamaCppChat
from knik.engines.protocols import Message
from tests.rig.micro.models import LLAMA


class CountedChat(LlamaCppChat):
    """Counts; everything else is the engine's own.

    Attributes:
        before_first_word: Tokens that each reply had to evaluate before its first word.
        prefilled: The last message of each prefill, once it is done.
    """

    def __init__(self) -> None:
        super().__init__(LLAMA, context=1024, threads=2, temperature=0.0)
        self.before_first_word: list[int] = []
        self.prefilled: queue.Queue[Message] = queue.Queue()

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        before = self.evaluated_tokens
        pieces = super().stream(messages, cancel)
        first = next(pieces)
        self.before_first_word.append(self.evaluated_tokens - before)
        yield first
        yield from pieces

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> bool:
        held = super().prefill(messages, cancel)
        self.prefilled.put(messages[-1])
        return held
