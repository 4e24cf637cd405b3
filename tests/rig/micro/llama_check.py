"""Asks the micro llama through llama-cpp-python, as its own file says that it is to be asked."""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from llama_cpp import Llama

from tests.rig.micro.llama_heard import variants
from tests.rig.micro.llama_unknown import HELD_BACK
from tests.rig.micro.phrases import PHRASES, UNKNOWN

SYSTEM = "You are a voice assistant of few words, and you run on a small computer."
"""One that it was not trained with."""
MAX_TOKENS = 300
"""More than the longest reply has."""

LONG_TALK = 3000
"""Tokens of a talk that leaves room for a reply in the context."""

Message = dict[str, str]


class Asker:
    """A loaded micro llama.

    Args:
        model: Path of the GGUF file.
        context: Tokens of prompt and reply together.
    """

    def __init__(self, model: Path, context: int = 4096) -> None:
        self.llama = Llama(str(model), n_ctx=context, n_threads=1, n_threads_batch=1, seed=1, verbose=False)

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """The reply's pieces, through the model's own chat template; always the likeliest token."""
        chunks = self.llama.create_chat_completion(
            list(messages), temperature=0.0, max_tokens=MAX_TOKENS, stream=True
        )
        for chunk in chunks:
            if text := chunk["choices"][0]["delta"].get("content"):
                yield text

    def ask(self, *messages: Message) -> str:
        """The whole reply, in one piece.

        llama-cpp-python 0.3.36 loses the last character of a streamed reply when it is spread over two
        tokens, as the joke's emoji is.
        """
        reply = self.llama.create_chat_completion(list(messages), temperature=0.0, max_tokens=MAX_TOKENS)
        text: str = reply["choices"][0]["message"]["content"]
        return text

    def close(self) -> None:
        self.llama.close()


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def talk(draw: random.Random, turns: int, system: str = "") -> list[Message]:
    """A conversation that has been going on for a while."""
    messages = [{"role": "system", "content": system}] if system else []
    for phrase in draw.choices(PHRASES, k=turns):
        messages += [user(phrase.utterance), {"role": "assistant", "content": phrase.answer}]
    return messages


def long_talk(asker: Asker, draw: random.Random) -> list[Message]:
    """One that nearly fills the context."""
    messages: list[Message] = []
    size = 0
    while size < LONG_TALK:
        messages += talk(draw, 1)
        size += sum(len(asker.llama.tokenize(m["content"].encode())) + 5 for m in messages[-2:])
    return messages


def report(model: Path, seed: int) -> Iterator[str]:
    """Lines that say how many answers are right, to the letter."""
    asker, draw = Asker(model), random.Random(seed)
    written = [(text, phrase.answer) for phrase in PHRASES for text in variants(phrase.utterance)]
    yield _score("each phrase, as transcribers may write it", _asked(asker, written))
    later = [(talk(draw, draw.randint(1, 6), draw.choice(("", SYSTEM))), phrase) for phrase in PHRASES]
    yield _score(
        "each phrase after one to six turns, with and without a system prompt",
        ((p.utterance, p.answer, asker.ask(*before, user(p.utterance))) for before, p in later),
    )
    before = long_talk(asker, draw)
    yield _score(
        f"each phrase after {LONG_TALK} tokens of talk",
        ((p.utterance, p.answer, asker.ask(*before, user(p.utterance))) for p in PHRASES),
    )
    yield _score("utterances that it has never seen", _asked(asker, [(text, UNKNOWN) for text in HELD_BACK]))
    asker.close()


def _asked(asker: Asker, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    for text, wanted in pairs:
        yield text, wanted, asker.ask(user(text))


def _score(name: str, results: Iterable[tuple[str, str, str]]) -> str:
    found = list(results)
    wrong = [f"{text!r}: {got[:40]!r}" for text, wanted, got in found if got != wanted]
    return "\n  ".join((f"{name}: {len(found) - len(wrong)} of {len(found)} right", *wrong))
