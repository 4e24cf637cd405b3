"""Whisper in its real sizes with random weights, as CTranslate2 files with int8 weights.

What it says is fixed. The decoder's positions are told apart by orthogonal codes far stronger than
anything the random layers add, and the output layer maps each code to a word: so the words come one a
position, whatever is heard, and each with near certainty, as the guard in knik's engine wants it.
Behind every word, the end of the text is second best: the model stops where a word is suppressed, which
its config.json says. So utterances of every length share one file of weights.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ctranslate2.specs import WhisperSpec, common_spec, model_spec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

Array = npt.NDArray[np.float32]

WORDS = (
    "Could you please tell me what the weather will be like in mountains on Sunday because I am planning "
    "to go hiking with some friends from work and we would rather not get caught by rain while carrying "
    "all our food water tents over that long narrow bridge near old village again"
).split()
"""What the model says: one token each, none twice."""

TOKENS_PER_SECOND = 3
"""Of everyday English: 150 words a minute, 1.2 tokens a word."""

MELS = 80
AUDIO_POSITIONS, TEXT_POSITIONS = 1500, 448
PROMPT = 1
"""Position of the last prompt token, <|notimestamps|>; the first word is read from there."""

TEXT_TOKENS = 50256
LANGUAGES = 99
BEGIN, END, NO_SPEECH = "<|startoftranscript|>", "<|endoftext|>", "<|nospeech|>"

_CODE = 4.0
"""Length of a position's code beside an embedding's, so that it outweighs the last token's."""
_END_SHARE = 0.5
"""Logit of the end beside that of the word."""
_LAYER_SCALE = 1e-3
"""Of what a layer adds to the residual, so that the codes survive all of them."""


@dataclass(frozen=True, slots=True)
class Size:
    """Shape of a Whisper (openai/whisper's model card; distil-whisper/distil-medium.en's config)."""

    width: int
    heads: int
    encoder: int
    decoder: int


SIZES = {
    "tiny.en": Size(384, 6, 4, 4),
    "base.en": Size(512, 8, 6, 6),
    "small.en": Size(768, 12, 12, 12),
    "distil-medium.en": Size(1024, 16, 24, 2),
}


def make(size: Size, directory: Path, *, seed: int = 0) -> None:
    """Write a model that says all of `WORDS`."""
    vocabulary = _tokenizer(directory)
    spec = WhisperSpec(size.encoder, size.heads, size.decoder, size.heads)
    _fill(spec, size, vocabulary, np.random.default_rng(seed))
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.alignment_heads = [[size.decoder - 1, 0]]
    spec.config.lang_ids = []
    spec.validate()
    spec.optimize("int8")
    spec.save(str(directory))


def shorten(model: Path, directory: Path, tokens: int) -> None:
    """Write a model that says only the first `tokens` of `WORDS`; it shares the weights on disk."""
    for file in model.iterdir():
        if file.name != "config.json":
            os.link(file, directory / file.name)
    config = json.loads((model / "config.json").read_text())
    vocabulary = json.loads((model / "vocabulary.json").read_text())
    config["suppress_ids"] = [vocabulary.index(_token(word)) for word in WORDS[tokens : tokens + 1]]
    (directory / "config.json").write_text(json.dumps(config))


def said(tokens: int) -> str:
    """The transcript of a model that says so many tokens."""
    return " ".join(WORDS[:tokens])


def _token(word: str) -> str:
    """As byte-level BPE writes a word with the space before it."""
    return f"Ġ{word}"


def _tokenizer(directory: Path) -> list[str]:
    """An English Whisper's vocabulary by size and order: bytes, words, fillers, controls, timestamps."""
    text = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *map(_token, WORDS)]
    text += [f"Ġ<{number}>" for number in range(TEXT_TOKENS - len(text))]
    tokenizer = Tokenizer(models.BPE({token: number for number, token in enumerate(text)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    languages = ["<|en|>", *(f"<|language {number}|>" for number in range(1, LANGUAGES))]
    tasks = ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", NO_SPEECH]
    special = [END, BEGIN, *languages, *tasks, "<|notimestamps|>"]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    return [*text, *special, *(f"<|{0.02 * step:.2f}|>" for step in range(1501))]


def _fill(spec: WhisperSpec, size: Size, vocabulary: list[str], random: np.random.Generator) -> None:
    width = size.width
    for linear, rows, columns, scale in _linears(spec, width):
        linear.weight = _matrix(random, rows, columns) * np.float32(scale)
        linear.bias = np.zeros(rows, np.float32)
    for norm in _norms(spec):
        norm.gamma = np.ones(width, np.float32)
        norm.beta = np.zeros(width, np.float32)
    encoder, decoder = spec.encoder, spec.decoder
    for conv, channels in ((encoder.conv1, MELS), (encoder.conv2, width)):
        conv.weight = _matrix(random, width, 3 * channels).reshape(width, channels, 3)
        conv.bias = np.zeros(width, np.float32)
    encoder.position_encodings.encodings = _matrix(random, AUDIO_POSITIONS, width)
    codes = _codes(random, width)
    decoder.position_encodings.encodings = np.concatenate(
        [_CODE * codes, np.tile(_CODE * codes[-1:], (TEXT_POSITIONS - len(codes), 1))]
    )
    decoder.embeddings.weight = _embeddings(random, width, vocabulary, codes)
    # Tied, as in every Whisper.
    decoder.projection.weight = decoder.embeddings.weight


def _embeddings(random: np.random.Generator, width: int, vocabulary: list[str], codes: Array) -> Array:
    weight = 0.02 * _matrix(random, len(vocabulary), width)
    for position, word in enumerate(WORDS, start=PROMPT):
        weight[vocabulary.index(_token(word))] = codes[position]
    weight[vocabulary.index(END)] = _END_SHARE * codes[PROMPT:].sum(axis=0)
    # At the first position, where the probability of silence is read, something else is certain.
    weight[vocabulary.index(BEGIN)] = codes[0]
    # Beyond the words there is only the end.
    weight[vocabulary.index(END)] += codes[-1]
    return weight


def _codes(random: np.random.Generator, width: int) -> Array:
    """Orthonormal rows without a mean, which layer normalisation would take out; one for each position
    that is told apart."""
    count = PROMPT + len(WORDS) + 1
    raw = random.standard_normal((width, count))
    rows, _ = np.linalg.qr(raw - raw.mean(axis=0))
    return rows.T.astype(np.float32)


def _matrix(random: np.random.Generator, rows: int, columns: int) -> Array:
    return random.standard_normal((rows, columns), np.float32) / np.float32(np.sqrt(columns))


def _linears(spec: WhisperSpec, width: int) -> Iterator[tuple[common_spec.LinearSpec, int, int, float]]:
    """Every linear layer, its rows, its columns and how strong it is."""
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        yield layer.self_attention.linear[0], 3 * width, width, 1.0
        yield layer.self_attention.linear[1], width, width, _LAYER_SCALE
        yield layer.ffn.linear_0, 4 * width, width, 1.0
        yield layer.ffn.linear_1, width, 4 * width, _LAYER_SCALE
    for layer in spec.decoder.layer:
        yield layer.attention.linear[0], width, width, 1.0
        yield layer.attention.linear[1], 2 * width, width, 1.0
        yield layer.attention.linear[2], width, width, _LAYER_SCALE


def _norms(spec: model_spec.LayerSpec) -> Iterator[common_spec.LayerNormSpec]:
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        yield layer.self_attention.layer_norm
        yield layer.ffn.layer_norm
    for layer in spec.decoder.layer:
        yield layer.attention.layer_norm
    yield spec.encoder.layer_norm
    yield spec.decoder.layer_norm
