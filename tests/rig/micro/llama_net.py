"""The micro llama itself, in torch. The names of its weights are llama.cpp's."""

import torch
from torch import nn

DIM, LAYERS, HEADS, FFN = 128, 3, 4, 384
ROPE_BASE = 10000.0
NORM_EPS = 1e-5


def rotate(x: torch.Tensor) -> torch.Tensor:
    """Rotary embedding (Su et al. 2021) of neighbouring pairs, as llama.cpp does it for this architecture.

    Args:
        x: Shape (batch, heads, length, head dimensions).
    """
    length, half = x.shape[2], x.shape[3] // 2
    angle = torch.outer(torch.arange(length), ROPE_BASE ** (-torch.arange(half) / half))
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], half, 2))
    return torch.view_as_real(pairs * torch.polar(torch.ones_like(angle), angle)).flatten(3)


class Block(nn.Module):
    """One layer."""

    def __init__(self) -> None:
        super().__init__()
        self.attn_norm, self.ffn_norm = nn.RMSNorm(DIM, NORM_EPS), nn.RMSNorm(DIM, NORM_EPS)
        self.attn_q = nn.Linear(DIM, DIM, bias=False)
        self.attn_k = nn.Linear(DIM, DIM, bias=False)
        self.attn_v = nn.Linear(DIM, DIM, bias=False)
        self.attn_output = nn.Linear(DIM, DIM, bias=False)
        self.ffn_gate = nn.Linear(DIM, FFN, bias=False)
        self.ffn_up = nn.Linear(DIM, FFN, bias=False)
        self.ffn_down = nn.Linear(FFN, DIM, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.attn_norm(x)
        q, k, v = (
            project(h).unflatten(2, (HEADS, -1)).transpose(1, 2)
            for project in (self.attn_q, self.attn_k, self.attn_v)
        )
        mixed = nn.functional.scaled_dot_product_attention(rotate(q), rotate(k), v, is_causal=True)
        x = x + self.attn_output(mixed.transpose(1, 2).flatten(2))
        h = self.ffn_norm(x)
        return x + self.ffn_down(nn.functional.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Llama(nn.Module):
    """The whole model: tokens (batch, length) to logits (batch, length, vocabulary)."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.token_embd = nn.Embedding(vocabulary, DIM)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        self.blk = nn.ModuleList(Block() for _ in range(LAYERS))
        self.output_norm = nn.RMSNorm(DIM, NORM_EPS)
        self.output = nn.Linear(DIM, vocabulary, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x)
        logits: torch.Tensor = self.output(self.output_norm(x))
        return logits
