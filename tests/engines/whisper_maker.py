"""Makes Whisper models with random weights in CTranslate2's format, out of numpy alone.

Their decoder's bias decides what they say, which makes every path around the words testable: silence,
loops, languages, broken files.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ctranslate2.specs import WhisperSpec, common_spec, model_spec
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WIDTH = 32
HEADS = 2
MELS = 80
BEGIN, END, NO_SPEECH = "<|startoftranscript|>", "<|endoftext|>", "<|nospeech|>"


def make_whisper(
    directory: Path,
    bias: Mapping[str, float],
    *,
    languages: tuple[str, ...] = (),
    suppressed: tuple[str, ...] = (),
) -> Path:
    """Write a model whose every next token is drawn towards `bias` (token -> logit).

    Args:
        directory: Where to; made if need be.
        bias: Logits added to those of the random weights, which are small beside 5.
        languages: Of a multilingual model; empty makes an English one.
        suppressed: Tokens that are never written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    vocabulary = _tokenizer(directory, languages)
    vocabulary += [f"<|{0.02 * i:.2f}|>" for i in range(1501)]
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    _fill(spec, len(vocabulary))
    for token, logit in bias.items():
        spec.decoder.projection.bias[vocabulary.index(token)] = logit
    spec.register_vocabulary(vocabulary)
    spec.config.suppress_ids = [vocabulary.index(token) for token in suppressed]
    spec.config.suppress_ids_begin = []
    spec.config.alignment_heads = [[0, 0]]
    spec.config.lang_ids = [vocabulary.index(f"<|{code}|>") for code in languages]
    spec.validate()
    spec.save(str(directory))
    return directory


def _tokenizer(directory: Path, languages: tuple[str, ...]) -> list[str]:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    if languages:
        # By this token CTranslate2 tells a multilingual Whisper from an English one.
        alphabet.append("")
    tokenizer = Tokenizer(models.BPE({char: i for i, char in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [
        END,
        BEGIN,
        *(f"<|{code}|>" for code in languages or ("en",)),
        *("<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", NO_SPEECH),
        "<|notimestamps|>",
    ]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    return alphabet + special


def _fill(spec: WhisperSpec, vocabulary: int) -> None:
    random = np.random.default_rng(0)

    def matrix(*shape: int) -> npt.NDArray[np.float32]:
        return (0.1 * random.standard_normal(shape)).astype(np.float32)

    for linear, rows, columns in _linears(spec):
        linear.weight = matrix(rows, columns)
        linear.bias = np.zeros(rows, np.float32)
    for norm in _norms(spec):
        norm.gamma = np.ones(WIDTH, np.float32)
        norm.beta = np.zeros(WIDTH, np.float32)
    encoder, decoder = spec.encoder, spec.decoder
    for conv, channels in ((encoder.conv1, MELS), (encoder.conv2, WIDTH)):
        conv.weight = matrix(WIDTH, channels, 3)
        conv.bias = np.zeros(WIDTH, np.float32)
    encoder.position_encodings.encodings = matrix(1500, WIDTH)
    decoder.position_encodings.encodings = matrix(448, WIDTH)
    decoder.embeddings.weight = matrix(vocabulary, WIDTH)
    decoder.projection.weight = 0.01 * matrix(vocabulary, WIDTH)
    decoder.projection.bias = np.zeros(vocabulary, np.float32)


def _linears(spec: WhisperSpec) -> Iterator[tuple[common_spec.LinearSpec, int, int]]:
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        yield layer.self_attention.linear[0], 3 * WIDTH, WIDTH
        yield layer.self_attention.linear[1], WIDTH, WIDTH
        yield layer.ffn.linear_0, 4 * WIDTH, WIDTH
        yield layer.ffn.linear_1, WIDTH, 4 * WIDTH
    for layer in spec.decoder.layer:
        yield layer.attention.linear[0], WIDTH, WIDTH
        yield layer.attention.linear[1], 2 * WIDTH, WIDTH
        yield layer.attention.linear[2], WIDTH, WIDTH


def _norms(spec: model_spec.LayerSpec) -> Iterator[common_spec.LayerNormSpec]:
    for layer in (*spec.encoder.layer, *spec.decoder.layer):
        yield layer.self_attention.layer_norm
        yield layer.ffn.layer_norm
    for layer in spec.decoder.layer:
        yield layer.attention.layer_norm
    yield spec.encoder.layer_norm
    yield spec.decoder.layer_norm
