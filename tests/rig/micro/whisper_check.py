"""How well a micro Whisper hears, by faster-whisper itself; needs no torch."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import Segment

from knik.audio.frames import Samples
from tests.rig.micro.espeak_corpus import Clip, Corpus
from tests.rig.micro.phrases import PHRASES


def load(model: Path, threads: int = 2) -> WhisperModel:
    return WhisperModel(
        str(model), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )


def strangers(seed: int) -> list[Clip]:
    """Every phrase in voices and at speeds that were never trained with, in some room."""
    corpus = Corpus(seed)
    return [corpus.place(corpus.stranger(phrase.utterance)) for phrase in PHRASES]


def hear(
    model: WhisperModel, samples: Samples, *, timestamps: bool = True, beam_size: int = 1
) -> list[Segment]:
    """All that `transcribe` makes of it, in its window of 30 s."""
    segments, _ = model.transcribe(samples, beam_size=beam_size, without_timestamps=not timestamps)
    return list(segments)


def hear_short(model: WhisperModel, samples: Samples, frames: int) -> tuple[str, float]:
    """Text and no-speech probability from a window of so many frames only."""
    tokenizer = Tokenizer(model.hf_tokenizer, multilingual=False)
    mel = model.feature_extractor(samples)[:, :frames]
    quiet = max(-1.5, float(mel.max()) - 2.0)
    window = np.pad(mel, ((0, 0), (0, frames - mel.shape[1])), constant_values=quiet).astype(np.float32)
    encoded = model.encode(window)
    result = model.model.generate(
        encoded, [[tokenizer.sot, tokenizer.no_timestamps]], beam_size=1, return_no_speech_prob=True
    )[0]
    return tokenizer.decode(result.sequences_ids[0]).strip(), float(result.no_speech_prob)


def text_of(segments: Iterable[Segment]) -> str:
    return "".join(segment.text for segment in segments).strip()


def word_error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    """Edit distance in words over words, of (said, heard); punctuation and case count."""
    errors = sum(_distance(said.split(), heard.split()) for said, heard in pairs)
    return errors / sum(len(said.split()) for said, _ in pairs)


def _distance(said: Sequence[str], heard: Sequence[str]) -> int:
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]


def report(directory: Path, seed: int) -> Iterable[str]:
    """Lines of figures on speech by strangers and on no speech at all."""
    model = load(directory)
    clips = strangers(seed)
    for name, beam, timestamps in (("default", 5, True), ("greedy", 1, True), ("no timestamps", 1, False)):
        heard = [hear(model, clip.samples, timestamps=timestamps, beam_size=beam) for clip in clips]
        rate = word_error_rate([(c.text, text_of(s)) for c, s in zip(clips, heard, strict=True)])
        segments = [segment for found in heard for segment in found]
        unlikely = min((segment.avg_logprob for segment in segments), default=-np.inf)
        silence = max((segment.no_speech_prob for segment in segments), default=1.0)
        yield (f"30 s, {name}: held-back WER {100 * rate:.1f} %, "
               f"worst mean log-probability {unlikely:.2f}, worst no-speech {silence:.3f}")  # fmt: skip
    for frames in (500, 1000):
        short = [hear_short(model, clip.samples, frames)[0] for clip in clips]
        rate = word_error_rate([(c.text, t) for c, t in zip(clips, short, strict=True)])
        yield f"{frames} frames: held-back WER {100 * rate:.1f} %"
    corpus = Corpus(seed + 1)
    sounds = [corpus.no_speech() for _ in range(60)]
    for frames in (500, 1000, 3000):
        least = min(hear_short(model, sound, frames)[1] for sound in sounds)
        yield f"{frames} frames without speech: least no-speech probability {least:.3f}"
    invented = [text for sound in sounds if (text := text_of(hear(model, sound)))]
    yield f"texts invented where nothing was said: {len(invented)} of {len(sounds)} {sorted(set(invented))}"
