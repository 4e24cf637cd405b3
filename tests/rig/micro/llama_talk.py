"""Random conversations for the micro llama to learn from, as knik's history writes them.

Any system prompt or none; utterances as transcribers write them, sometimes several in one message, since
knik joins those that were not answered; the last one counts. Earlier replies may be cut off, come from
somebody else, or be a tool's.
"""

import random
from collections.abc import Iterator
from functools import lru_cache

import torch
from tokenizers import Tokenizer

from tests.rig.micro.llama_export import END, START
from tests.rig.micro.llama_heard import variants
from tests.rig.micro.llama_unknown import HELD_BACK, SENTENCES, some_words, unknown_utterance
from tests.rig.micro.phrases import PHRASES, UNKNOWN, Phrase

SYSTEMS = (
    "You are knik.",
    "You are knik, a friendly voice assistant on the user's own computer. Your words are spoken aloud, so "
    "answer in one to three short sentences of plain speech: no lists, no markdown, no emoji. If you do "
    "not know something, say so.",
    "Answer briefly and kindly.",
    "You are a helpful assistant.",
)
CUT_OFF_MARK = " …"
FIRST_WEIGHT = 4.0
"""Of an answer's first token, with which most is decided."""
IGNORED = 0.0

Piece = tuple[list[int], list[float]]
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class Talk:
    """Draws conversations.

    Args:
        tokenizer: Of the model.
        seed: Of everything random.
    """

    def __init__(self, tokenizer: Tokenizer, seed: int) -> None:
        self._draw = random.Random(seed)
        self._encode = lru_cache(maxsize=20_000)(lambda text: tuple(tokenizer.encode(text).ids))

    def batch(self, size: int, length: int) -> Batch:
        """Inputs, targets, and the targets' weights in the loss; each of shape (size, length)."""
        rows = [self._conversation(length + 1) for _ in range(size)]
        tokens = torch.tensor([row[0] for row in rows])
        weights = torch.tensor([row[1] for row in rows])
        return tokens[:, :-1], tokens[:, 1:], weights[:, 1:]

    def _conversation(self, length: int) -> Piece:
        tokens: list[int] = []
        weights: list[float] = []
        pieces = self._pieces()
        while len(tokens) < length:
            more, heavy = next(pieces)
            tokens += more
            weights += heavy
        return tokens[:length], weights[:length]

    def _pieces(self) -> Iterator[Piece]:
        if system := self._system():
            yield self._read(f"{START}system\n{system}{END}\n")
        if self._chance(0.05):
            yield self._read(f"{START}assistant\n{self._draw.choice(SENTENCES)}{END}\n")
        while True:
            yield from self._turn()

    def _turn(self) -> Iterator[Piece]:
        phrase = None if self._chance(0.25) else self._draw.choice(PHRASES)
        yield self._read(f"{START}user\n{self._message(phrase)}{END}\n{START}assistant\n")
        answer = phrase.answer if phrase else UNKNOWN
        if self._chance(0.15):
            yield self._read(f"{self._not_to_learn(answer)}{END}\n")
            return
        yield from self._learn(answer)
        if phrase and phrase.tool_call and self._chance(0.7):
            yield self._read(f"{START}tool\n{self._result()}{END}\n{START}assistant\n")
            yield from self._learn(phrase.reply)

    def _message(self, phrase: Phrase | None) -> str:
        text = self._heard(phrase.utterance) if phrase else unknown_utterance(self._draw)
        if self._chance(0.1):
            return f"{self._earlier()}\n{text}"
        if phrase and self._chance(0.05):
            return f"{self._earlier()} {text}"
        return text

    def _earlier(self) -> str:
        return self._heard(self._draw.choice(PHRASES).utterance)

    def _heard(self, text: str) -> str:
        """Mostly as it is; the other ways in which it may be written more rarely."""
        return text if self._chance(0.3) else self._draw.choice(variants(text))

    def _not_to_learn(self, answer: str) -> str:
        if self._chance(0.6):
            words = answer.split()
            return " ".join(words[: self._draw.randint(1, len(words))]) + CUT_OFF_MARK
        return self._draw.choice(
            (self._draw.choice(PHRASES).reply, some_words(self._draw, 8), self._result())
        )

    def _result(self) -> str:
        """What a tool may answer."""
        number = self._draw.randint(0, 9999)
        return self._draw.choice(
            ("ok", "done", f'{{"result": {number}}}', f"It is {number // 60 % 24}:{number % 60:02}.")
        )

    def _system(self) -> str:
        if self._chance(0.25):
            return ""
        if self._chance(0.5):
            return self._draw.choice(SYSTEMS)
        words = (
            some_words(self._draw, self._draw.randint(3, 9)).capitalize()
            for _ in range(self._draw.randint(1, 5))
        )
        return " ".join(f"{text}." for text in words)

    def _learn(self, answer: str) -> Iterator[Piece]:
        tokens = self._ids(f"{answer}{END}")
        yield tokens, [FIRST_WEIGHT] + [1.0] * (len(tokens) - 1)
        yield self._read("\n")

    def _read(self, text: str) -> Piece:
        tokens = self._ids(text)
        return tokens, [IGNORED] * len(tokens)

    def _ids(self, text: str) -> list[int]:
        assert not any(held in text for held in HELD_BACK)
        return list(self._encode(text))

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share
