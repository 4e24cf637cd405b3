"""A conversation as the prompt that a model was trained on."""

from collections.abc import Sequence
from typing import Any

from knik.engines.cores import share_cores
from knik.engines.protocols import Message
from knik.errors import KnikError

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The template for a file that brings none, the one llama.cpp falls back on too."""


class ChatTemplate:
    """Renders messages through a model's own jinja template.

    Args:
        source: The template; empty for ChatML.
        begin: Text of the model's begin token.
        end: Text of the model's end token.

    Raises:
        KnikError: The template is not valid.
    """

    def __init__(self, source: str, begin: str, end: str) -> None:
        share_cores()
        from jinja2 import TemplateError
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._begin = begin
        self._failures: tuple[type[Exception], ...] = (TemplateError, ValueError, TypeError)
        try:
            self._formatter: Any = Jinja2ChatFormatter(
                template=source or CHATML, eos_token=end, bos_token=begin
            )
        except TemplateError as error:
            raise KnikError(
                f"The chat model's template is broken ({error}).",
                "Take another file of this model: knik models list",
            ) from error

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt, ending where the model's reply begins.

        Templates of models that know no system role raise; the system message then goes in front of
        the first user message.

        Raises:
            KnikError: The template takes neither form.
        """
        try:
            return self._render(messages)
        except self._failures:
            folded = fold_system(messages)
        try:
            return self._render(folded)
        except self._failures as error:
            raise KnikError(f"The chat model's template refuses the conversation ({error}).") from error

    def begins_itself(self, prompt: str) -> bool:
        """Whether the template wrote the begin token, so that the tokeniser must not."""
        return bool(self._begin) and prompt.startswith(self._begin)

    def _render(self, messages: Sequence[Message]) -> str:
        plain = [{"role": message.role, "content": message.content} for message in messages]
        # Qwen 3 and its kin think aloud unless told not to, which a voice cannot wait for. Templates
        # that do not know the variable ignore it.
        return str(self._formatter(messages=plain, enable_thinking=False).prompt)


def fold_system(messages: Sequence[Message]) -> list[Message]:
    """The messages with what the system says put in front of the first user message."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not system:
        return rest
    if not rest or rest[0].role != "user":
        return [Message("user", system), *rest]
    return [Message("user", f"{system}\n\n{rest[0].content}"), *rest[1:]]
