"""What is varied: settings of the engines, and noise."""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.bench.levels import at_snr
from knik.bench.noise import NOISES
from knik.config.load import load
from knik.config.schema import Config
from knik.errors import KnikError

SHORT = {
    "stt": "stt.model",
    "chat": "chat.model",
    "tts": "tts.model",
    "threads": "stt.threads",
    "beam": "stt.beam_size",
    "voice": "tts.voice",
}
"""Short names of a matrix; any dotted key of the configuration will do, too."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of a comparison.

    Attributes:
        label: What the tables call it.
        config: The configuration to measure with.
        noise: One of `NOISES`, or "".
        snr_db: Of the speech over the noise.
    """

    label: str
    config: Config
    noise: str = ""
    snr_db: float = 0.0

    def mix(self, audio: Samples) -> Samples:
        """16 kHz samples with the noise, which is the same for the same recording."""
        if not self.noise:
            return audio
        noise = NOISES[self.noise](audio.size / SAMPLE_RATE, SAMPLE_RATE, audio.size)
        return audio + at_snr(np.resize(noise, audio.size), audio, self.snr_db, SAMPLE_RATE)


def conditions(config: Config, matrix: str, noises: str, snrs: str) -> list[Condition]:
    """Every combination.

    Args:
        config: What holds where the matrix says nothing.
        matrix: Such as "stt=tiny.en,base.en;threads=1,2", or "".
        noises: Such as "babble,fan", or "" for none; the clean recordings come first.
        snrs: Such as "20,10,5,0", in dB.

    Raises:
        KnikError: Something in it is unknown.
    """
    rows = []
    for label, chosen in _settings(config, matrix):
        rows.append(Condition(label or "clean", chosen))
        for noise in filter(None, noises.split(",")):
            if noise not in NOISES:
                known = ", ".join(NOISES)
                raise KnikError(f'There is no noise "{noise}".', f"Take one of {known}.", exit_code=2)
            rows += [
                Condition(f"{label} {noise} {snr:g} dB".strip(), chosen, noise, snr) for snr in _numbers(snrs)
            ]
    return rows


def _settings(config: Config, matrix: str) -> Iterator[tuple[str, Config]]:
    if not matrix:
        yield "", config
        return
    axes: list[list[tuple[str, str]]] = []
    for axis in matrix.split(";"):
        name, _, values = axis.partition("=")
        if not values:
            raise KnikError(
                f'"{axis}" is no axis of a matrix.',
                'Write: --matrix "stt=tiny.en,base.en;threads=1,2"',
                exit_code=2,
            )
        axes.append([(SHORT.get(name.strip(), name.strip()), value.strip()) for value in values.split(",")])
    for chosen in itertools.product(*axes):
        variables = {f"KNIK_{key.replace('.', '_').upper()}": value for key, value in chosen}
        label = " ".join(f"{key}={Path(value).name}" for key, value in chosen)
        yield label, load(env={**os.environ, **variables}).config


def _numbers(text: str) -> Sequence[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise KnikError(f'"{text}" is no list of dB.', "Write: --snr 20,10,5,0", exit_code=2) from error
