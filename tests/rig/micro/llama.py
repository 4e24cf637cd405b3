"""Makes the micro llama: `python -m tests.rig.micro.llama` (with the `rig` dependency group).

A llama of 128 dimensions learns the phrases' replies by heart, after any system prompt and earlier
turns, in ChatML. It is written as GGUF with its tokenizer and chat template.
"""

import argparse
import json
import re
import time
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torch import nn

from tests.rig.micro.phrases import PHRASES, UNKNOWN

DATA = Path(__file__).parent / "data" / "llama"
SEED = 20261121
DIM, LAYERS, HEADS, FFN, CONTEXT = 128, 3, 4, 384, 1024
TRAINED_LENGTH = 400
START, END = "<|im_start|>", "<|im_end|>"
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SYSTEMS = (
    "",
    "You are knik.",
    "You are knik, a friendly voice assistant on the user's own computer. Your words are spoken aloud, so "
    "answer in one to three short sentences of plain speech: no lists, no markdown, no emoji. If you do "
    "not know something, say so.",
    "Answer briefly and kindly.",
    "You are a helpful assistant.",
)
UNKNOWN_UTTERANCES = (
    "Seven of clubs.", "Can dogs fly?", "My bicycle is broken.", "Let us talk about chess.", "Blue green red.",
    "Who won the game?", "How do planes fly?", "I would like a pizza.", "Do you know my sister?", "Ten of hearts.",
    "The quick brown fox.", "Why is the sky blue?", "Write a poem.", "Where are my keys?", "It was a dark night.",
    "Could you do something else?", "He was not an ill disposed young man.", "Queen of spades.", "Hello there.",
)  # fmt: skip


def make_tokenizer() -> Tokenizer:
    """A byte-level BPE of everything that is said."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=1000,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[END, START],
        show_progress=False,
    )
    texts = [text for phrase in PHRASES for text in (phrase.utterance, phrase.reply)]
    tokenizer.train_from_iterator([*texts, *SYSTEMS, *UNKNOWN_UTTERANCES, UNKNOWN], trainer)
    return tokenizer


def rotate(x: torch.Tensor) -> torch.Tensor:
    """Rotary embedding of neighbouring pairs, as llama.cpp does it for this architecture."""
    length, half = x.shape[2], x.shape[3] // 2
    angle = torch.outer(torch.arange(length), 10000.0 ** (-torch.arange(half) / half))
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], half, 2))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(3)


class Block(nn.Module):
    """One layer; the names of its weights are llama.cpp's."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            setattr(self, name, nn.Linear(DIM, DIM, bias=False))
        self.ffn_gate = nn.Linear(DIM, FFN, bias=False)
        self.ffn_up = nn.Linear(DIM, FFN, bias=False)
        self.ffn_down = nn.Linear(FFN, DIM, bias=False)
        self.attn_norm, self.ffn_norm = nn.RMSNorm(DIM, 1e-5), nn.RMSNorm(DIM, 1e-5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.attn_norm(x)
        q, k, v = (
            getattr(self, name)(h).unflatten(2, (HEADS, -1)).transpose(1, 2)
            for name in ("attn_q", "attn_k", "attn_v")
        )
        mixed = nn.functional.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True)
        x = x + self.attn_output(mixed.transpose(1, 2).flatten(2))
        h = self.ffn_norm(x)
        return x + self.ffn_down(nn.functional.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Llama(nn.Module):
    """The whole model."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.token_embd = nn.Embedding(vocabulary, DIM)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        self.blk = nn.ModuleList(Block() for _ in range(LAYERS))
        self.output_norm = nn.RMSNorm(DIM, 1e-5)
        self.output = nn.Linear(DIM, vocabulary, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x)
        return self.output(self.output_norm(x))


class Conversations:
    """Random conversations as tokens, with the places where the reply is to be learnt."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._random = np.random.default_rng(SEED)
        self._pairs = [(p.utterance, p.reply) for p in PHRASES]
        self._odd = [(text, UNKNOWN) for text in UNKNOWN_UTTERANCES]

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text).ids)

    def _heard(self, text: str) -> str:
        """The utterance as a transcriber may write it."""
        kind = self._random.random()
        if kind < 0.3:
            return re.sub(r"[.,?!]", "", text).lower()
        return text if kind < 0.8 else text.rstrip(".?!")

    def _scrambled(self) -> str:
        words = " ".join(text for text, _ in self._odd + self._pairs).split()
        return " ".join(str(w) for w in self._random.choice(words, self._random.integers(2, 9)))

    def example(self) -> tuple[list[int], list[bool]]:
        """Tokens, and which of them are to be predicted."""
        random = self._random
        tokens: list[int] = []
        learnt: list[bool] = []

        def add(text: str, *, learn: bool) -> None:
            ids = self._ids(text)
            tokens.extend(ids)
            learnt.extend([learn] * len(ids))

        system = SYSTEMS[random.integers(len(SYSTEMS))]
        if system:
            add(f"{START}system\n{system}{END}\n", learn=False)
        while len(tokens) <= TRAINED_LENGTH:
            kind = random.random()
            if kind < 0.82:
                utterance, reply = self._pairs[random.integers(len(self._pairs))]
            elif kind < 0.92:
                utterance, reply = self._odd[random.integers(len(self._odd))]
            else:
                utterance, reply = self._scrambled(), UNKNOWN
            add(f"{START}user\n{self._heard(utterance)}{END}\n{START}assistant\n", learn=False)
            if random.random() < 0.15:
                # An interrupted reply of an earlier turn: to be read, not to be learnt.
                words = reply.split()
                add(" ".join(words[: random.integers(1, len(words) + 1)]) + f" …{END}\n", learn=False)
            else:
                add(f"{reply}{END}", learn=True)
                add("\n", learn=False)
        return tokens[: TRAINED_LENGTH + 1], learnt[: TRAINED_LENGTH + 1]

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Inputs and targets (-100: no loss)."""
        rows = [self.example() for _ in range(size)]
        tokens = torch.tensor([row[0] for row in rows])
        learnt = torch.tensor([row[1] for row in rows])
        targets = tokens[:, 1:].masked_fill(~learnt[:, 1:], -100)
        return tokens[:, :-1], targets


def train(model: Llama, data: Conversations, minutes: float, target: float, log: list[str]) -> None:
    """Until the time is over or the loss is tiny."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01, betas=(0.9, 0.98))
    started, step, smooth = time.monotonic(), 0, 9.0
    while (progress := (time.monotonic() - started) / (60 * minutes)) < 1 and smooth > target:
        for group in optimiser.param_groups:
            group["lr"] = 2.5e-3 * min(1, (step + 1) / 100) * (0.5 * (1 + np.cos(np.pi * progress)) + 0.03)
        inputs, targets = data.batch(8)
        loss = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), ignore_index=-100)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        smooth = 0.97 * smooth + 0.03 * loss.item()
        if step % 50 == 0:
            log.append(f"step {step} minute {(time.monotonic() - started) / 60:.1f} loss {smooth:.5f}")
            print(log[-1], flush=True)
        step += 1


def export(model: Llama, tokenizer: Tokenizer, path: Path) -> None:
    """Write the GGUF."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("knik micro")
    writer.add_license("MIT")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(DIM)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(DIM // HEADS)
    writer.add_rope_freq_base(10000.0)
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    writer.add_token_types([control if token in (START, END) else normal for token in tokens])
    merges = re.findall(r'"merges":\s*(\[.*?\])\s*}', tokenizer.to_str(), re.S)[0]
    pairs = json.loads(merges)
    writer.add_token_merges([" ".join(pair) if isinstance(pair, list) else pair for pair in pairs])
    writer.add_bos_token_id(vocabulary[END])
    writer.add_eos_token_id(vocabulary[END])
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    for name, weight in model.state_dict().items():
        array = weight.detach().numpy()
        writer.add_tensor(name, array.astype(np.float32 if array.ndim == 1 else np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--target", type=float, default=0.0015)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tokenizer = make_tokenizer()
    model = Llama(tokenizer.get_vocab_size())
    log = [f"seed {SEED}, {sum(p.numel() for p in model.parameters())} parameters, {len(PHRASES)} phrases"]
    print(log[0], flush=True)
    train(model, Conversations(tokenizer), arguments.minutes, arguments.target, log)
    arguments.out.mkdir(parents=True, exist_ok=True)
    export(model, tokenizer, arguments.out / "micro.gguf")
    (arguments.out / "training.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
