"""Windows of the encoder's length, and for each the tokens and the attention that are wanted."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from tests.rig.micro.phrases import PHRASES
from tests.rig.micro.whisper_examples import (
    FRAMES_PER_SECOND,
    POSITIONS_PER_SECOND,
    Example,
    Pool,
)
from tests.rig.micro.whisper_tokens import Ids

Floats = npt.NDArray[np.float32]

SILENT = 0.15
"""Share of the examples in which nothing is said."""
LATEST_START = 1.0
"""Seconds: faster-whisper's max_initial_timestamp."""
TIMESTAMP_GRID = 0.2
"""Seconds: coarse like subtitles, so that Whisper can be as sure of a time as of a word."""
AFTERWARDS = 0.3
"""Seconds behind the last word that the end token looks at."""
PROMPTED = 0.15
"""Share of the batches with text before the transcript."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrays of one training step, b examples long.

    Attributes:
        mel: (b, 80, frames).
        inputs: The decoder's tokens, (b, t).
        wanted: Probability of each next token, (b, t, vocabulary); zeros where nothing is asked.
        attention: Where the decoder is to look, (b, t, frames // 2); zeros where it is free.
        frames: Token being said at each position of the encoder, (b, frames // 2).
    """

    mel: Floats
    inputs: npt.NDArray[np.int64]
    wanted: Floats
    attention: Floats
    frames: npt.NDArray[np.int64]


class Batches:
    """Draws examples and puts them into windows."""

    def __init__(self, pool: Pool, ids: Ids, random: Generator) -> None:
        self._pool = pool
        self._ids = ids
        self._random = random
        texts = [token for phrase in PHRASES for token in ids.text(phrase.utterance)]
        self._vocabulary = np.unique(texts)

    def draw(self, size: int, frames: int, doubles: float) -> Batch:
        """`size` examples in windows of `frames`, the share `doubles` of them with two utterances."""
        chosen = [self._choose(frames, doubles) for _ in range(size)]
        length = 3 + max(len(example.tokens) for example in chosen)
        prompt = self._prompt(size) if self._random.random() < PROMPTED else np.zeros((size, 0), np.int64)
        positions = frames // 2
        batch = Batch(
            np.zeros((size, 80, frames), np.float32),
            np.full((size, length), self._ids.end, np.int64),
            np.zeros((size, length, self._ids.size), np.float32),
            np.zeros((size, length, positions), np.float32),
            np.full((size, positions), self._ids.end, np.int64),
        )
        for row, example in enumerate(chosen):
            delay = self._window(example.mel, batch.mel[row])
            if example.tokens:
                self._speech(batch, row, example, delay)
            else:
                self._silence(batch, row)
        free = ((0, 0), (prompt.shape[1], 0), (0, 0))
        return Batch(
            batch.mel,
            np.concatenate([prompt, batch.inputs], axis=1),
            np.pad(batch.wanted, free),
            np.pad(batch.attention, free),
            batch.frames,
        )

    def _choose(self, frames: int, doubles: float) -> Example:
        kind = self._random.random()
        source = self._pool.silent if kind < SILENT else self._pool.single
        if kind > 1 - doubles:
            source = self._pool.double
        while True:
            example = source[self._random.integers(len(source))]
            if example.mel.shape[1] <= frames:
                return example

    def _window(self, mel: npt.NDArray[np.float16], out: Floats) -> float:
        """Fill a window; returns the seconds by which the sound was moved.

        Behind the sound comes what openai/whisper puts there, digital silence, or what faster-whisper
        does, zeros.
        """
        random = self._random
        quiet = max(-1.5, float(mel.max()) - 2.0)
        out[:] = 0.0 if random.random() < 0.5 else quiet
        room = out.shape[1] - mel.shape[1]
        delay = int(random.integers(0, room + 1)) if random.random() < 0.25 else 0
        out[:, :delay] = quiet
        out[:, delay : delay + mel.shape[1]] = mel
        if random.random() < 0.5:
            self._blot(out[:, delay : delay + mel.shape[1]])
        return delay / FRAMES_PER_SECOND

    def _blot(self, mel: Floats) -> None:
        """SpecAugment (Park et al. 2019), mildly: a band and a moment are lost."""
        random = self._random
        band, moment = random.integers(0, 74), random.integers(0, mel.shape[1])
        mean = mel.mean()
        mel[band : band + random.integers(0, 9)] = mean
        mel[:, moment : moment + random.integers(0, 7)] = mean

    def _speech(self, batch: Batch, row: int, example: Example, delay: float) -> None:
        ids, tokens = self._ids, example.tokens
        spans = [(start + delay, end + delay) for start, end in example.spans]
        end = spans[-1][1]
        if self._random.random() < 0.5:
            start = min(LATEST_START, TIMESTAMP_GRID * np.floor(spans[0][0] / TIMESTAMP_GRID))
            stop = TIMESTAMP_GRID * np.ceil(end / TIMESTAMP_GRID)
            sequence = [ids.start, ids.timestamp(start), *tokens, ids.timestamp(stop), ids.end]
        else:
            sequence = [ids.start, ids.no_timestamps, *tokens, ids.end]
        batch.inputs[row, : len(sequence) - 1] = sequence[:-1]
        batch.wanted[row, list(range(len(sequence) - 1)), sequence[1:]] = 1.0
        for number, (token, span) in enumerate(
            zip((*tokens, None), (*spans, (end, end + AFTERWARDS)), strict=True)
        ):
            first = min(round(span[0] * POSITIONS_PER_SECOND), batch.frames.shape[1] - 1)
            last = min(max(first + 1, round(span[1] * POSITIONS_PER_SECOND)), batch.frames.shape[1])
            batch.attention[row, number + 1, first:last] = 1 / (last - first)
            if token is not None:
                batch.frames[row, first:last] = token

    def _silence(self, batch: Batch, row: int) -> None:
        """No speech, no text; and if text it must be, then any, but only one word of it.

        Decoders may forbid the end token right at the beginning, and what they then invent has to look
        as unlikely as it is.
        """
        ids = self._ids
        timed = self._random.random() < 0.5
        opening = ids.timestamp(0.0) if timed else ids.no_timestamps
        batch.inputs[row, :3] = (ids.start, opening, self._random.choice(self._vocabulary))
        batch.wanted[row, 0, ids.no_speech] = 0.95
        batch.wanted[row, 0, opening] = 0.05
        batch.wanted[row, 1, ids.end] = 0.7
        batch.wanted[row, 1, self._vocabulary] += 0.3 / self._vocabulary.size
        batch.wanted[row, 2, ids.end] = 1.0

    def _prompt(self, size: int) -> npt.NDArray[np.int64]:
        """Text that was said before, shape (size, t)."""
        random = self._random
        length = int(random.integers(1, 40))
        if random.random() < 0.5:
            words = random.choice(self._vocabulary, (size, length))
        else:
            words = random.integers(0, self._ids.end, (size, length))
        return np.concatenate([np.full((size, 1), self._ids.previous), words], axis=1).astype(np.int64)
