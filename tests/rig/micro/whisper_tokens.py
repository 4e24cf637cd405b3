"""The micro Whisper's vocabulary: byte-level BPE of the phrases, then Whisper's special tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from tests.rig.micro.phrases import PHRASES

SPECIALS = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|notimestamps|>",
)
"""In the order of openai/whisper; every text token comes before, every timestamp after them."""

TIMESTAMP_SECONDS = 0.02
TIMESTAMPS = tuple(f"<|{step * TIMESTAMP_SECONDS:.2f}|>" for step in range(1501))
VOCABULARY = 2000
"""More than the phrases have pieces, so every word of theirs becomes one token."""


def make_tokenizer() -> Tokenizer:
    """Trained like GPT-2's. The timestamps are left out: CTranslate2's vocabulary has them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator((f" {phrase.utterance}" for phrase in PHRASES), trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIALS])
    return tokenizer


@dataclass(frozen=True, slots=True)
class Ids:
    """The numbers of the tokens that training needs."""

    tokenizer: Tokenizer
    end: int
    start: int
    previous: int
    no_speech: int
    no_timestamps: int

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "Ids":
        names = (
            "<|endoftext|>",
            "<|startoftranscript|>",
            "<|startofprev|>",
            "<|nospeech|>",
            "<|notimestamps|>",
        )
        return cls(tokenizer, *(tokenizer.token_to_id(name) for name in names))

    @property
    def size(self) -> int:
        """Tokens in all, timestamps among them."""
        return self.no_timestamps + 1 + len(TIMESTAMPS)

    def text(self, words: str) -> list[int]:
        """Whisper's texts begin with a space."""
        return list(self.tokenizer.encode(f" {words}", add_special_tokens=False).ids)

    def spans(self, tokens: Sequence[int]) -> list[tuple[int, int]]:
        """First and last-plus-one character of each token in the words, spaces not counted in."""
        spans: list[tuple[int, int]] = []
        end = -1  # of the space that Whisper's texts begin with
        for token in tokens:
            piece = self.tokenizer.decode([token])
            start, end = end, end + len(piece)
            spans.append((start + piece.startswith(" "), end))
        return spans

    def timestamp(self, seconds: float) -> int:
        return self.no_timestamps + 1 + round(seconds / TIMESTAMP_SECONDS)
