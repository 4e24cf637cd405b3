"""The vocabulary of the full-size llamas: of a real one's length, and it cuts English as a real one does.

The merges are learnt from the sentences of the micro models and knik's own system prompt; what they do
not fill is filled with tokens that no text has.
"""

import json
from dataclasses import dataclass

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from knik.config.schema import SYSTEM_PROMPT
from tests.rig.micro.phrases import PHRASES

START, END, STOP = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

REPLY = (
    "Sure, it will be mostly sunny around the mountains this weekend. Expect light wind from north west "
    "during Saturday morning; Sunday afternoon could bring some short showers above two thousand metres! "
    "Would you like me to find quiet paths near your hotel?"
)
"""What the models say, again and again. No token of it comes twice."""

LEARNT = 2500
"""Of the tokens, those that text is cut into."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Of a GGUF file.

    Attributes:
        tokens: All texts, in the order of their numbers.
        merges: Pairs, the first learnt first.
        opening: The last token of every prompt, behind which a reply begins.
        reply: Tokens that are said in a circle, none of them twice.
    """

    tokens: list[str]
    merges: list[str]
    opening: int
    reply: list[int]

    @property
    def controls(self) -> list[int]:
        """The tokens that are no text."""
        return [self.tokens.index(token) for token in (START, END, STOP)]


def make(size: int) -> Vocabulary:
    """A vocabulary of `size` tokens."""
    tokenizer = _train()
    learnt = tokenizer.get_vocab()
    tokens = sorted(learnt, key=learnt.__getitem__)
    tokens += [f"<unused{number}>" for number in range(size - len(tokens))]
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    (opening,) = tokenizer.encode("\n").ids
    reply = tokenizer.encode(REPLY).ids
    if len(set(reply)) < len(reply):
        raise ValueError("A token of the reply comes twice, so what follows it is not known.")
    return Vocabulary(tokens, [" ".join(pair) for pair in merges], opening, reply)


def _train() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=LEARNT,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[START, END, STOP],
        show_progress=False,
    )
    phrases = [f"{phrase.utterance} {phrase.reply}" for phrase in PHRASES]
    tokenizer.train_from_iterator([SYSTEM_PROMPT, "system user assistant", REPLY, *phrases], trainer)
    return tokenizer
