"""Any GGUF model through llama.cpp, with the KV cache of the conversation kept between turns."""

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

from knik.cancel import CancelToken
from knik.engines.chat_prompt import ChatTemplate
from knik.engines.llama_runtime import LlamaRuntime, Sampling
from knik.engines.prefill_store import PrefillStore
from knik.engines.protocols import ContextFull, EngineInfo, Message
from knik.engines.reply_filter import THINK_OPEN, ReplyFilter
from knik.errors import KnikError

MIN_REPLY = 16
"""Tokens of context that a prompt has to leave for the reply."""


class LlamaCppChat:
    """A chat model that runs here.

    Args:
        model: Path of a GGUF file; its own chat template is used.
        context: Tokens of prompt and reply together.
        threads: 0 for one a physical core.
        gpu_layers: Layers to put on a GPU, -1 for all; without a GPU build it has no effect.
        max_tokens: Most tokens of a reply, thoughts not counted.
        temperature: 0 always takes the likeliest token.
        top_p: Share of the probability that is drawn from.
        seed: Of the random draws; -1 for a new one each time.
        stop: Strings that end a reply.
        states: Folder for evaluated system prompts, or None to evaluate them at every start.

    Raises:
        KnikError: llama-cpp-python is missing, the file is missing or broken, or memory is short.
    """

    def __init__(
        self,
        model: Path,
        *,
        context: int = 4096,
        threads: int = 0,
        gpu_layers: int = -1,
        max_tokens: int = 512,
        temperature: float = 0.7,
        top_p: float = 0.95,
        seed: int = -1,
        stop: Sequence[str] = (),
        states: Path | None = None,
    ) -> None:
        self._runtime = LlamaRuntime(model, context=context, threads=threads, gpu_layers=gpu_layers)
        try:
            self._template = ChatTemplate(self._runtime.template(), *self._runtime.special())
        except KnikError:
            self._runtime.close()
            raise
        self._sampling = Sampling(temperature, top_p, seed)
        self._max_tokens = max_tokens
        self._stop = tuple(stop)
        self._store = PrefillStore(states, model, self._runtime.version) if states is not None else None
        self._info = EngineInfo("llama.cpp", f"{model.stem} on {self._runtime.device}")

    @property
    def info(self) -> EngineInfo:
        return self._info

    @property
    def evaluated_tokens(self) -> int:
        """Tokens evaluated since the model was loaded: what the kept cache spares is not in it."""
        return self._runtime.evaluated

    def stream(self, messages: Sequence[Message], cancel: CancelToken) -> Iterator[str]:
        """Yield the reply, thoughts left out, until the model, a limit or a stop string ends it.

        Raises:
            Cancelled: Between two tokens.
            ContextFull: The conversation does not fit into the context.
        """
        prompt = self._template.render(messages)
        tokens = self._tokens(prompt)
        room = self._runtime.context - len(tokens)
        if room < MIN_REPLY:
            raise ContextFull(
                f"The conversation is {len(tokens)} tokens long and does not fit into the chat "
                f"model's context of {self._runtime.context}.",
                "Raise chat.context in the configuration, or shorten the system prompt.",
            )
        self._runtime.evaluate(tokens, cancel)
        self._runtime.begin_sampling(self._sampling)
        reply = ReplyFilter(self._stop, thinking=prompt.rstrip().endswith(THINK_OPEN))
        for text in self._generate(room, reply, cancel):
            if heard := reply.feed(text):
                yield heard
            if reply.stopped:
                return
        if heard := reply.flush():
            yield heard

    def prefill(self, messages: Sequence[Message], cancel: CancelToken) -> bool:
        """Evaluate what every conversation that goes on from `messages` begins with.

        The state of a system prompt alone is kept on disk; what the user says never is.

        Raises:
            Cancelled: Between two batches; what was evaluated until then stays usable.
        """
        tokens = self._shared(messages)[: self._runtime.context - MIN_REPLY]
        if self._runtime.holds(tokens):
            return True
        if self._store is None or any(message.role != "system" for message in messages):
            self._runtime.evaluate(tokens, cancel)
            return True
        saved = self._store.find(tokens)
        if saved is not None and self._runtime.restore(saved, tokens):
            return True
        self._runtime.evaluate(tokens, cancel)
        if self._store.takes(tokens):
            self._store.keep(tokens, self._runtime.state())
        return True

    def close(self) -> None:
        self._runtime.close()

    def _generate(self, room: int, reply: ReplyFilter, cancel: CancelToken) -> Iterator[str]:
        """Draw tokens and yield their text; the last one drawn is not evaluated until it is needed."""
        # A character may be spread over several tokens.
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        spoken = 0
        for left in range(room, 0, -1):
            cancel.check()
            token = self._runtime.sample()
            if self._runtime.ends(token):
                break
            spoken += not reply.thinking
            yield decoder.decode(self._runtime.piece(token))
            if spoken >= self._max_tokens or left == 1:
                break
            cancel.check()
            self._runtime.extend(token)
        yield decoder.decode(b"", final=True)

    def _tokens(self, prompt: str) -> list[int]:
        return self._runtime.tokenize(prompt, begin=not self._template.begins_itself(prompt))

    def _shared(self, messages: Sequence[Message]) -> list[int]:
        """The tokens that do not depend on what is said after `messages`.

        Found by asking two different questions: some templates refuse a conversation that does not
        end with the user, and the last tokens may merge with what follows.
        """
        if messages and messages[-1].role == "user":
            return self._tokens(self._template.render(messages))
        first, second = (
            self._tokens(self._template.render([*messages, Message("user", word)])) for word in ("a", "b")
        )
        length = next(
            (i for i, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
            min(len(first), len(second)),
        )
        return first[:length]
