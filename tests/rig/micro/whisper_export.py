"""Writes the trained Whisper as faster-whisper loads it."""

import json
import tempfile
from pathlib import Path

from ctranslate2.converters import TransformersConverter
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from tests.rig.micro import whisper_net as net
from tests.rig.micro.whisper_tokens import Ids
from tests.rig.micro.whisper_training import ALIGNMENT_HEADS

PREPROCESSOR = {
    "chunk_length": 30,
    "feature_size": net.MELS,
    "hop_length": 160,
    "n_fft": 400,
    "sampling_rate": 16000,
}


def export(model: net.Whisper, ids: Ids, out: Path) -> None:
    """Convert to CTranslate2 with int8 weights, in `out`, with tokenizer and preprocessor settings."""
    with tempfile.TemporaryDirectory() as folder:
        _as_transformers(model, ids).save_pretrained(folder)
        PreTrainedTokenizerFast(tokenizer_object=ids.tokenizer).save_pretrained(folder)
        TransformersConverter(folder).convert(str(out), quantization="int8", force=True)
    ids.tokenizer.save(str(out / "tokenizer.json"))
    (out / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR, indent=2) + "\n")


def _as_transformers(model: net.Whisper, ids: Ids) -> WhisperForConditionalGeneration:
    config = WhisperConfig(
        vocab_size=ids.size,
        d_model=net.WIDTH,
        encoder_layers=net.ENCODER_LAYERS,
        decoder_layers=net.DECODER_LAYERS,
        encoder_attention_heads=net.HEADS,
        decoder_attention_heads=net.HEADS,
        encoder_ffn_dim=net.HIDDEN,
        decoder_ffn_dim=net.HIDDEN,
        max_source_positions=net.ENCODER_POSITIONS,
        max_target_positions=net.DECODER_POSITIONS,
        decoder_start_token_id=ids.start,
        bos_token_id=ids.end,
        eos_token_id=ids.end,
        pad_token_id=ids.end,
    )
    converted = WhisperForConditionalGeneration(config)
    converted.model.load_state_dict(model.state_dict())
    converted.generation_config = GenerationConfig(
        # As in openai's models: no text begins with a lone space, or ends before it began.
        begin_suppress_tokens=[ids.tokenizer.token_to_id("Ġ"), ids.end],
        suppress_tokens=[],
        alignment_heads=[[net.DECODER_LAYERS - 1, head] for head in range(ALIGNMENT_HEADS)],
        decoder_start_token_id=ids.start,
        eos_token_id=ids.end,
        pad_token_id=ids.end,
    )
    return converted
