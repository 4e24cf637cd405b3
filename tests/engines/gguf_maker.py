"""Makes llamas with random weights as GGUF files, out of numpy alone.

The vocabulary is the bytes and some control tokens, so what such a model says is arbitrary bytes, most
of them no UTF-8: the hardest input there is for a detokeniser. `say` makes it repeat one byte or token.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

START, END, STOP = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CONTROL = (START, END, STOP)
WIDTH, LAYERS, HEADS = 32, 2, 2

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
NO_SYSTEM = (
    "{% for message in messages %}{% if message['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
THINKING = CHATML.replace("assistant\n' }}{% endif %}", "assistant\n<think>\n' }}{% endif %}")

_TYPES = {int: 4, float: 6, bool: 7, str: 8, list: 9}
_ALIGNMENT = 32


def make_gguf(path: Path, template: str = CHATML, *, say: str = "", context: int = 2048) -> Path:
    """Write a model.

    Args:
        path: Of the file.
        template: Its chat template; empty for none.
        say: A byte's character or a control token that it always says; empty for chance.
        context: Tokens that it claims to have been trained with.
    """
    tokens = [*_byte_characters(), *CONTROL]
    settings: dict[str, Any] = {
        "general.architecture": "llama",
        "general.name": "test",
        "llama.context_length": context,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": 2 * WIDTH,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "default",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3 if token in CONTROL else 1 for token in tokens],
        "tokenizer.ggml.merges": ["h e"],
        "tokenizer.ggml.bos_token_id": tokens.index(STOP),
        "tokenizer.ggml.eos_token_id": tokens.index(END),
        "tokenizer.ggml.add_bos_token": False,
    }
    if template:
        settings["tokenizer.chat_template"] = template
    favourite = tokens.index(say) if say else None
    _write(path, settings, _weights(len(tokens), favourite))
    return path


def _weights(vocabulary: int, favourite: int | None) -> dict[str, npt.NDArray[np.float32]]:
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> npt.NDArray[np.float32]:
        return (random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    weights = {
        "token_embd.weight": matrix(vocabulary, WIDTH),
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "output.weight": 3 * matrix(vocabulary, WIDTH),
    }
    if favourite is not None:
        # Every embedding points one way, and only the favourite's output looks there.
        weights["token_embd.weight"] += 100
        weights["output.weight"][:] = 0
        weights["output.weight"][favourite] = 10
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            weights[f"{block}{name}.weight"] = matrix(WIDTH, WIDTH)
        for name in ("attn_norm", "ffn_norm"):
            weights[f"{block}{name}.weight"] = np.ones(WIDTH, np.float32)
        for name, rows, columns in (
            ("ffn_gate", 2 * WIDTH, WIDTH),
            ("ffn_up", 2 * WIDTH, WIDTH),
            ("ffn_down", WIDTH, 2 * WIDTH),
        ):
            weights[f"{block}{name}.weight"] = matrix(rows, columns)
    return weights


def _byte_characters() -> list[str]:
    """The printable stand-ins of GPT-2's byte-level vocabulary, in the order of the bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(byte) if byte in shown else chr(256 + hidden.index(byte)) for byte in range(256)]


def _write(path: Path, settings: dict[str, Any], weights: dict[str, npt.NDArray[np.float32]]) -> None:
    """GGUF version 3 (ggml's docs/gguf.md)."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(weights), len(settings))
    for key, value in settings.items():
        head += _text(key) + struct.pack("<I", _TYPES[type(value)]) + _value(value)
    offset = 0
    for name, array in weights.items():
        head += _text(name) + struct.pack("<I", array.ndim)
        head += struct.pack(f"<{array.ndim}Q", *reversed(array.shape))
        head += struct.pack("<IQ", 0, offset)
        offset += _padded(array.nbytes)
    body = b"".join(array.tobytes().ljust(_padded(array.nbytes), b"\0") for array in weights.values())
    path.write_bytes(head.ljust(_padded(len(head)), b"\0") + body)


def _value(value: Any) -> bytes:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        # Array types: 5 is a signed 32-bit integer, which token types are.
        kind = 8 if isinstance(value[0], str) else 5
        return struct.pack("<IQ", kind, len(value)) + b"".join(map(_value, value))
    return struct.pack({bool: "<?", int: "<I", float: "<f"}[type(value)], value)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT
