"""Llamas in real sizes with random weights, as GGUF files in Q4_0.

What they say is fixed, so that every reply takes the same work and can be spoken. The tokens of the
reply have orthogonal embeddings, the random layers add next to nothing, and a few hidden units of the
last layer look up the token that follows. It never ends by itself: the limit on tokens ends it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.rig.fullsize import gguf_file, llama_vocabulary
from tests.rig.fullsize.gguf_file import BLOCK, F32, Q4_0, Q8_0, Bytes, Tensor
from tests.rig.fullsize.llama_vocabulary import Vocabulary

Array = npt.NDArray[np.float32]

FILE = "model.gguf"

REPLY_TOKENS = 47
"""Of `llama_vocabulary.REPLY`."""

_EMBEDDING = 16.0
"""Length of an embedding."""
_ADDED = 3e-4
"""Deviation of the weights that write to the residual: little, and no subnormal scale in 16 bits."""
_LOUD = 8.0
"""What a hidden unit computes from its token, before it is multiplied with itself, and how much stronger
than the token the one that follows it comes out."""


@dataclass(frozen=True, slots=True)
class Size:
    """Shape of a llama (the config.json of the model it is taken from)."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    hidden: int
    vocabulary: int
    rope_base: float = 500_000.0
    context: int = 32_768

    @property
    def kv_width(self) -> int:
        return self.width // self.heads * self.kv_heads


SIZES = {
    # Qwen2.5-0.5B, without the biases of its attention.
    "0.5b": Size(896, 24, 14, 2, 4864, 151_936, 1_000_000.0),
    # Llama-3.2-1B.
    "1b": Size(2048, 16, 32, 8, 8192, 128_256),
}


def make(size: Size, directory: Path, *, seed: int = 0) -> None:
    """Write a model that says `llama_vocabulary.REPLY`."""
    vocabulary = llama_vocabulary.make(size.vocabulary)
    random = np.random.default_rng(seed)
    tensors = list(_tensors(size, vocabulary, random))
    gguf_file.write(directory / FILE, _settings(size, vocabulary), tensors)


def _settings(size: Size, vocabulary: Vocabulary) -> dict[str, Any]:
    controls = vocabulary.controls
    return {
        "general.architecture": "llama",
        "general.name": "knik full size",
        "general.file_type": 2,
        "llama.context_length": size.context,
        "llama.embedding_length": size.width,
        "llama.block_count": size.layers,
        "llama.feed_forward_length": size.hidden,
        "llama.attention.head_count": size.heads,
        "llama.attention.head_count_kv": size.kv_heads,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": size.width // size.heads,
        "llama.rope.freq_base": size.rope_base,
        "llama.vocab_size": size.vocabulary,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": vocabulary.tokens,
        "tokenizer.ggml.token_type": [
            3 if number in controls else 1 for number in range(len(vocabulary.tokens))
        ],
        "tokenizer.ggml.merges": vocabulary.merges,
        "tokenizer.ggml.bos_token_id": controls[-1],
        "tokenizer.ggml.eos_token_id": controls[1],
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": llama_vocabulary.TEMPLATE,
    }


def _tensors(size: Size, vocabulary: Vocabulary, random: np.random.Generator) -> Iterator[Tensor]:
    codes = _codes(size.width, 1 + len(vocabulary.reply), random)
    yield Tensor(
        "token_embd.weight",
        (size.vocabulary, size.width),
        Q8_0,
        partial(_embeddings, size, vocabulary, codes, random),
    )
    yield _ones("output_norm.weight", size.width)
    into, out = 1 / np.sqrt(size.width), _ADDED
    for layer in range(size.layers):
        block = f"blk.{layer}."
        yield _ones(f"{block}attn_norm.weight", size.width)
        yield _ones(f"{block}ffn_norm.weight", size.width)
        for name, rows, columns, deviation in (
            ("attn_q", size.width, size.width, into),
            ("attn_k", size.kv_width, size.width, into),
            ("attn_v", size.kv_width, size.width, into),
            ("attn_output", size.width, size.width, out),
            ("ffn_gate", size.hidden, size.width, into),
            ("ffn_up", size.hidden, size.width, into),
            ("ffn_down", size.width, size.hidden, out),
        ):
            make_bytes = partial(gguf_file.random_q4_0, random, rows, columns, deviation)
            if layer == size.layers - 1 and name.startswith("ffn"):
                make_bytes = partial(_lookup, make_bytes, name, codes)
            yield Tensor(f"{block}{name}.weight", (rows, columns), Q4_0, make_bytes)


def _ones(name: str, width: int) -> Tensor:
    return Tensor(name, (width,), F32, lambda: np.ones(width, np.float32).view(np.uint8))


def _codes(width: int, count: int, random: np.random.Generator) -> Array:
    """Orthonormal rows: of the opening token, then of the reply's."""
    rows, _ = np.linalg.qr(random.standard_normal((width, count)))
    return rows.T.astype(np.float32)


def _embeddings(size: Size, vocabulary: Vocabulary, codes: Array, random: np.random.Generator) -> Bytes:
    """Random rows but for the tokens that have a code; also the output layer, as in small models."""
    blocks = random.integers(0, 256, (size.vocabulary, size.width // BLOCK, 2 + BLOCK), np.uint8)
    # 256 equally likely numbers deviate by 74 from about 0.
    scale = _EMBEDDING / np.sqrt(size.width) / 74
    blocks[:, :, :2] = np.array([scale], np.float16).view(np.uint8)
    rows = gguf_file.q8_0(_EMBEDDING * codes).reshape(len(codes), size.width // BLOCK, 2 + BLOCK)
    blocks[[vocabulary.opening, *vocabulary.reply]] = rows
    return blocks


def _lookup(make_bytes: partial[Bytes], name: str, codes: Array) -> Bytes:
    """The first hidden units of a layer, each woken by one token and adding the code of the next.

    A normalised residual is sqrt(width) long. A woken unit computes silu(_LOUD) * _LOUD, about _LOUD^2.
    """
    data = make_bytes()
    count, width = codes.shape
    if name != "ffn_down":
        data[:count] = gguf_file.q4_0(_LOUD / np.sqrt(width) * codes).reshape(count, -1)
        return data
    # The opening is not said again: the last token is followed by the reply's first.
    following = np.concatenate([codes[1:], codes[1:2]])
    columns = -(-count // BLOCK) * BLOCK
    weights = np.zeros((width, columns), np.float32)
    weights[:, :count] = _EMBEDDING / _LOUD * following.T
    blocks = gguf_file.q4_0(weights).reshape(width, -1)
    data[:, : blocks.shape[1]] = blocks
    return data
