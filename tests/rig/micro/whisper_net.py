"""Whisper's network (Radford et al. 2022) in torch, with transformers' names for the weights.

Unlike transformers' own it takes windows of any length and hands out its attention, both of which
training needs.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

WIDTH = 128
HEADS = 4
HIDDEN = 512
MELS = 80
ENCODER_LAYERS = 3
DECODER_LAYERS = 2
ENCODER_POSITIONS = 1500
DECODER_POSITIONS = 448
DROPOUT = 0.1


class Attention(nn.Module):
    """Multi-head attention."""

    def __init__(self) -> None:
        super().__init__()
        self.q_proj = nn.Linear(WIDTH, WIDTH)
        self.k_proj = nn.Linear(WIDTH, WIDTH, bias=False)
        self.v_proj = nn.Linear(WIDTH, WIDTH)
        self.out_proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor, memory: Tensor, causal: bool = False) -> Tensor:
        q, k, v = (
            self._split(self.q_proj(x)),
            self._split(self.k_proj(memory)),
            self._split(self.v_proj(memory)),
        )
        return self._join(scaled_dot_product_attention(q, k, v, is_causal=causal))

    def looking(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, with the logarithm of the weights, (b, heads, t, positions)."""
        q, k, v = (
            self._split(self.q_proj(x)),
            self._split(self.k_proj(memory)),
            self._split(self.v_proj(memory)),
        )
        scores = (q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5).log_softmax(-1)
        return self._join(scores.exp() @ v), scores

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)

    def _join(self, x: Tensor) -> Tensor:
        joined: Tensor = self.out_proj(x.transpose(1, 2).flatten(2))
        return joined


class EncoderLayer(nn.Module):
    """Attention and two linear maps, each behind a norm and beside a shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn = Attention()
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, WIDTH)
        self.final_layer_norm = nn.LayerNorm(WIDTH)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        y = self.self_attn_layer_norm(x)
        x = x + self.dropout(self.self_attn(y, y))
        return self._think(x)

    def _think(self, x: Tensor) -> Tensor:
        thought: Tensor = self.dropout(self.fc2(gelu(self.fc1(self.final_layer_norm(x)))))
        return x + thought


class DecoderLayer(EncoderLayer):
    """The same, looking at what is said so far and at what is heard."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder_attn = Attention()
        self.encoder_attn_layer_norm = nn.LayerNorm(WIDTH)

    def look(self, x: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        y = self.self_attn_layer_norm(x)
        x = x + self.dropout(self.self_attn(y, y, causal=True))
        seen, weights = self.encoder_attn.looking(self.encoder_attn_layer_norm(x), heard)
        return self._think(x + self.dropout(seen)), weights


class Encoder(nn.Module):
    """Log-mel spectrogram, (b, 80, frames), to (b, frames // 2, width)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.embed_positions = nn.Embedding.from_pretrained(sinusoids(), freeze=True)
        self.layers = nn.ModuleList(EncoderLayer() for _ in range(ENCODER_LAYERS))
        self.layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor) -> Tensor:
        x = gelu(self.conv2(gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.embed_positions.weight[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        normed: Tensor = self.layer_norm(x)
        return normed


class Decoder(nn.Module):
    """Tokens and what the encoder heard to logits, and to the last layer's attention."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(vocabulary, WIDTH)
        self.embed_positions = nn.Embedding(DECODER_POSITIONS, WIDTH)
        self.layers = nn.ModuleList(DecoderLayer() for _ in range(DECODER_LAYERS))
        self.layer_norm = nn.LayerNorm(WIDTH)
        nn.init.normal_(self.embed_tokens.weight, std=WIDTH**-0.5)
        nn.init.normal_(self.embed_positions.weight, std=0.02)

    def forward(self, tokens: Tensor, heard: Tensor) -> tuple[Tensor, Tensor]:
        x = self.embed_tokens(tokens) + self.embed_positions.weight[: tokens.shape[1]]
        weights = heard
        for layer in self.layers:
            x, weights = layer.look(x, heard)
        return self.layer_norm(x) @ self.embed_tokens.weight.T, weights


class Whisper(nn.Module):
    """Both halves."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder(vocabulary)


def sinusoids() -> Tensor:
    """The encoder's position embeddings, as openai/whisper computes them."""
    rates = np.exp(-np.log(10_000) / (WIDTH // 2 - 1) * np.arange(WIDTH // 2))
    angles = np.arange(ENCODER_POSITIONS)[:, None] * rates
    return torch.from_numpy(np.concatenate([np.sin(angles), np.cos(angles)], axis=1).astype(np.float32))
