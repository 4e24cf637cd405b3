"""Makes the micro Whisper: `python -m tests.rig.micro.whisper` (with the `rig` dependency group).

A Whisper of 128 dimensions is trained on the phrases as espeak-ng says them, first on windows of five
seconds, then, so that it also works behind Whisper's own padding, on windows of thirty; at last
CTranslate2 converts it to 8 bits. Everything random comes from one seed.
"""

import argparse
import json
import shutil
import tempfile
import time
from pathlib import Path

import ctranslate2
import numpy as np
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerFast,
    WhisperConfig,
    WhisperForConditionalGeneration,
)

from tests.rig.micro.espeak_corpus import SPEEDS, VOICES, Corpus
from tests.rig.micro.phrases import PHRASES

DATA = Path(__file__).parent / "data" / "whisper"
SEED = 20261121
SHORT_FRAMES, FULL_FRAMES = 500, 3000
SPECIALS = ("<|endoftext|>", "<|startoftranscript|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>",
            "<|notimestamps|>")  # fmt: skip
TIMESTAMPS = [f"<|{0.02 * step:.2f}|>" for step in range(1501)]


def make_tokenizer() -> Tokenizer:
    """A byte-level BPE of the phrases, followed by Whisper's special tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=460, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([f" {phrase.utterance}" for phrase in PHRASES], trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in (*SPECIALS, *TIMESTAMPS)])
    return tokenizer


def make_model(tokenizer: Tokenizer) -> WhisperForConditionalGeneration:
    """A Whisper in miniature."""
    eot = tokenizer.token_to_id("<|endoftext|>")
    config = WhisperConfig(
        vocab_size=tokenizer.get_vocab_size(),
        d_model=128,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=384,
        decoder_ffn_dim=384,
        max_target_positions=96,
        decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
        bos_token_id=eot,
        eos_token_id=eot,
        pad_token_id=eot,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    return WhisperForConditionalGeneration(config)


class Samples:
    """Training samples as features and tokens."""

    def __init__(self, tokenizer: Tokenizer, rounds: int) -> None:
        corpus = Corpus(SEED)
        extract = FeatureExtractor()
        self.features: list[np.ndarray] = []
        self.tokens: list[list[int]] = []
        self.speech: list[bool] = []
        start = [tokenizer.token_to_id(t) for t in ("<|startoftranscript|>", "<|notimestamps|>")]
        eot, none = (tokenizer.token_to_id(t) for t in ("<|endoftext|>", "<|nospeech|>"))
        self.none = none
        for _ in range(rounds):
            for phrase in PHRASES:
                voice, speed = corpus._random.choice(VOICES), float(corpus._random.choice(SPEEDS))
                audio = corpus.disturb(corpus.speak(phrase.utterance, str(voice), speed))
                text = tokenizer.encode(f" {phrase.utterance}", add_special_tokens=False).ids
                self._add(extract, audio, [*start, *text, eot], speech=True)
            for _ in range(len(PHRASES) // 6):
                self._add(extract, corpus.no_speech(), [*start, eot], speech=False)

    def _add(self, extract: FeatureExtractor, audio: np.ndarray, tokens: list[int], *, speech: bool) -> None:
        # The floor of the spectrum hangs on the loudest sound, so it is the same in any window.
        features = extract(audio[: 16000 * 5], chunk_length=30)[:, :SHORT_FRAMES]
        self.features.append(features.astype(np.float16))
        self.tokens.append(tokens)
        self.speech.append(speech)

    def batch(self, indices: np.ndarray, frames: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Features, decoder inputs and targets (-100: no loss)."""
        x = np.stack([self._window(self.features[i].astype(np.float32), frames) for i in indices])
        longest = max(len(self.tokens[i]) for i in indices)
        inputs = np.zeros((len(indices), longest - 1), np.int64)
        targets = np.full((len(indices), longest - 1), -100, np.int64)
        for row, i in enumerate(indices):
            tokens = self.tokens[i]
            inputs[row, : len(tokens) - 1] = tokens[:-1]
            targets[row, : len(tokens) - 1] = tokens[1:]
            if not self.speech[i]:
                targets[row, 0] = self.none
        return torch.from_numpy(x), torch.from_numpy(inputs), torch.from_numpy(targets)

    @staticmethod
    def _window(features: np.ndarray, frames: int) -> np.ndarray:
        if frames <= features.shape[1]:
            return features[:, :frames]
        # Digital silence lies on the floor of the spectrum, 2 below its peak (whisper/audio.py).
        out = np.full((features.shape[0], frames), features.max() - 2.0, np.float32)
        out[:, : features.shape[1]] = features
        return out


def train(model: WhisperForConditionalGeneration, samples: Samples, minutes: float, log: list[str]) -> None:
    """Short windows for three quarters of the time, then full ones among them."""
    random = np.random.default_rng(SEED)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01)
    started = time.monotonic()
    step, smooth = 0, 0.0
    model.train()
    while (progress := (time.monotonic() - started) / (60 * minutes)) < 1:
        full = progress > 0.6 and step % 2 == 0
        size = 6 if full else 32
        for group in optimiser.param_groups:
            group["lr"] = 1.5e-3 * min(1, (step + 1) / 200) * (0.5 * (1 + np.cos(np.pi * progress)) + 0.02)
        x, inputs, targets = samples.batch(random.choice(len(samples.tokens), size, replace=False),
                                           FULL_FRAMES if full else SHORT_FRAMES)  # fmt: skip
        x = mask(x, random)
        loss = step_loss(model, x, inputs, targets)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        smooth = 0.98 * smooth + 0.02 * float(loss) if step else float(loss)
        if step % 100 == 0:
            log.append(f"step {step} minute {(time.monotonic() - started) / 60:.1f} loss {smooth:.4f}")
            print(log[-1], flush=True)
        step += 1


def mask(x: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """SpecAugment (Park et al. 2019), mildly: one band and one moment are blotted out."""
    band, moment = random.integers(0, 70), random.integers(0, 400)
    x[:, band : band + random.integers(0, 10)] = x.mean()
    x[:, :, moment : moment + random.integers(0, 25)] = x.mean()
    return x


def step_loss(
    model: WhisperForConditionalGeneration, x: torch.Tensor, inputs: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy of the next token; the encoder is called piecewise, since transformers insists on
    3000 frames."""
    encoder = model.model.encoder
    h = torch.nn.functional.gelu(encoder.conv1(x))
    h = torch.nn.functional.gelu(encoder.conv2(h)).permute(0, 2, 1)
    h = h + encoder.embed_positions.weight[: h.shape[1]]
    for layer in encoder.layers:
        out = layer(h, None)
        h = out[0] if isinstance(out, tuple) else out
    h = encoder.layer_norm(h)
    decoded = model.model.decoder(input_ids=inputs, encoder_hidden_states=h).last_hidden_state
    logits = model.proj_out(decoded)
    return torch.nn.functional.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), ignore_index=-100, label_smoothing=0.02
    )


def export(model: WhisperForConditionalGeneration, tokenizer: Tokenizer, out: Path) -> None:
    """Write the CTranslate2 model with its tokenizer."""
    with tempfile.TemporaryDirectory() as folder:
        model.generation_config = GenerationConfig(
            suppress_tokens=[],
            begin_suppress_tokens=[],
            alignment_heads=[[1, head] for head in range(4)],
            is_multilingual=False,
            eos_token_id=tokenizer.token_to_id("<|endoftext|>"),
            pad_token_id=tokenizer.token_to_id("<|endoftext|>"),
            decoder_start_token_id=tokenizer.token_to_id("<|startoftranscript|>"),
        )
        model.eval()
        model.save_pretrained(folder)
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|endoftext|>").save_pretrained(folder)
        shutil.rmtree(out, ignore_errors=True)
        ctranslate2.converters.TransformersConverter(folder).convert(str(out), quantization="int8")
    tokenizer.save(str(out / "tokenizer.json"))
    settings = {
        "feature_size": 80,
        "sampling_rate": 16000,
        "hop_length": 160,
        "n_fft": 400,
        "chunk_length": 30,
    }
    (out / "preprocessor_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def main() -> None:
    """Train and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=36)
    arguments = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    parameters = sum(p.numel() for p in model.parameters())
    log = [f"seed {SEED}, {parameters} parameters, {len(PHRASES)} phrases, {arguments.rounds} rounds"]
    samples = Samples(tokenizer, arguments.rounds)
    print(log[0], len(samples.tokens), "samples", flush=True)
    train(model, samples, arguments.minutes, log)
    export(model, tokenizer, arguments.out)
    (arguments.out / "training.log").write_text("\n".join(log) + "\n")


if __name__ == "__main__":
    main()
