"""What the micro Whisper is trained with: sound as Whisper sees it, and what is to be said of it."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import numpy.typing as npt
from faster_whisper.feature_extractor import FeatureExtractor

from tests.rig.micro.espeak_corpus import Clip, Corpus, join
from tests.rig.micro.phrases import PHRASES
from tests.rig.micro.whisper_tokens import Ids, make_tokenizer

FRAMES_PER_SECOND = 100
POSITIONS_PER_SECOND = 50
"""The encoder's second convolution halves the rate."""


@dataclass(frozen=True, slots=True)
class Example:
    """One recording.

    Attributes:
        mel: Log-mel spectrogram without padding, shape (80, frames), float16.
        tokens: Of the text; none where nothing is said.
        spans: Start and end of each token, in seconds.
    """

    mel: npt.NDArray[np.float16]
    tokens: tuple[int, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """Examples by kind: one utterance, two in a row, none."""

    single: list[Example]
    double: list[Example]
    silent: list[Example]


def make_pool(rounds: int, seed: int, processes: int = 2) -> Pool:
    """Speak every phrase `rounds` times; each round has a seed of its own."""
    pool = Pool([], [], [])
    # espeak-ng keeps its state in globals, so each process needs its own.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as workers:
        for part in workers.map(partial(make_round, seed), range(rounds)):
            pool.single.extend(part.single)
            pool.double.extend(part.double)
            pool.silent.extend(part.silent)
    return pool


def make_round(seed: int, number: int) -> Pool:
    """Each phrase once alone and once in a pair, and some sounds that are no speech."""
    seeds = np.random.SeedSequence([seed, number]).generate_state(2)
    corpus, random = Corpus(int(seeds[0])), np.random.default_rng(int(seeds[1]))
    ids, extract = Ids.of(make_tokenizer()), FeatureExtractor()
    texts = [phrase.utterance for phrase in PHRASES]
    single = [_example(corpus.place(corpus.anyone(text)), ids, extract) for text in texts]
    double = []
    for text, other in random.permutation(texts)[: len(texts) // 2 * 2].reshape(-1, 2):
        pair = join(corpus.anyone(str(text)), corpus.anyone(str(other)), random.uniform(0.0, 0.8))
        double.append(_example(corpus.place(pair), ids, extract))
    silent = [Example(_mel(corpus.no_speech(), extract)) for _ in range(len(texts) // 6)]
    return Pool(single, double, silent)


def _example(clip: Clip, ids: Ids, extract: FeatureExtractor) -> Example:
    tokens = ids.text(clip.text)
    spans = tuple((clip.when(start), clip.when(end)) for start, end in ids.spans(tokens))
    return Example(_mel(clip.samples, extract), tuple(tokens), spans)


def _mel(samples: npt.NDArray[np.float32], extract: FeatureExtractor) -> npt.NDArray[np.float16]:
    mel: npt.NDArray[np.float16] = extract(samples).astype(np.float16)
    return mel
