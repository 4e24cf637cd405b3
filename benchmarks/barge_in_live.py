"""Speech over the assistant through the virtual sound card: what is measured lies in the air, so every
buffer on the way in and out counts."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.interruptions import Script
from benchmarks.overtalk import Talker, Watch, configuration, loaders
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.portaudio import PortAudioDevice
from knik.audio.resample import resample
from knik.cancel import CancelToken
from knik.engines.protocols import EngineInfo, SpeechChunk, VoiceInfo, VoiceSettings, Word
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from tests.rig.pulse import RATE, VirtualCard, portaudio_on

HUM_LEVEL = 0.3
HUM_HZ = 480
WORD_SECONDS = 0.3
QUARTER = RATE // HUM_HZ // 4
"""Samples of a quarter of the tone's period: the root of the sum of the squares of two samples so far
apart is the tone's amplitude."""

DUCKED_DB = -15.0
"""Level, against the full voice, below which it counts as ducked; it is lowered by 18 dB."""

SILENT_DB = -50.0
SETTLE_SECONDS = 2.0
EARLY = 0.15
"""Seconds before the first voiced sample from which a reaction counts: to the "s" of "stop"."""


class Hum:
    """A synthesizer whose voice is a steady tone, so that its level tells at once what was done to it."""

    info = EngineInfo("hum", "a steady tone")
    sample_rate = 24_000

    def __init__(self) -> None:
        self._phase = 0

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:  # noqa: ARG002
        """0.3 s a word."""
        for number, word in enumerate(text.split()):
            cancel.check()
            size = round(WORD_SECONDS * self.sample_rate)
            at = (np.arange(size) + self._phase) / self.sample_rate
            self._phase += size
            tone = (HUM_LEVEL * np.sin(2 * np.pi * HUM_HZ * at)).astype(np.float32)
            start = number * WORD_SECONDS
            yield SpeechChunk(tone, (Word(word, start, start + WORD_SECONDS),))

    def voices(self) -> list[VoiceInfo]:
        """None to choose from."""
        return []

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of the voice, in seconds from the first voiced sample of an event.

    Attributes:
        ducked: To the first moment at which it was lowered or silent; None where it was not.
        silent: To the first moment of silence; None where it went on.
        gap: How long the silence lasted; None where the voice did not come back in time.
    """

    ducked: float | None = None
    silent: float | None = None
    gap: float | None = None


@dataclass
class Air:
    """The recording of a conversation.

    Attributes:
        speaker: What was heard of knik, 48 kHz.
        offset: Where the script begins in it, in seconds.
        underruns: Blocks that the speaker had to do without.
        levels: Of the voice against its full level in dB, sample by sample.
    """

    speaker: Samples
    offset: float
    underruns: int = 0
    levels: Samples = field(init=False)

    def __post_init__(self) -> None:
        amplitude = np.hypot(self.speaker[:-QUARTER], self.speaker[QUARTER:]) / np.float32(HUM_LEVEL)
        self.levels = 20 * np.log10(np.maximum(amplitude, 1e-6))

    def after(self, at: float, until: float) -> Heard:
        """What became of the voice between two times of the script."""
        # A level is known when the later of its two samples was heard.
        shift = self.offset - QUARTER / RATE
        part = self.levels[round((at - EARLY + shift) * RATE) : round((until + shift) * RATE)]
        low, none = np.flatnonzero(part < DUCKED_DB), np.flatnonzero(part < SILENT_DB)
        if not low.size:
            return Heard()
        ducked = float(low[0]) / RATE - EARLY
        if not none.size:
            return Heard(ducked)
        again = np.flatnonzero(part[none[0] :] > DUCKED_DB)
        gap = float(again[0]) / RATE if again.size else None
        return Heard(ducked, float(none[0]) / RATE - EARLY, gap)


@contextmanager
def talking(card: VirtualCard, settings: Mapping[str, object]) -> Iterator[Session]:
    """knik talks on the card."""
    config = configuration(settings)
    with portaudio_on(card):
        device = PortAudioDevice(latency=config.audio.latency_ms / 1000, block=config.audio.block_ms / 1000)
        made: list[Session] = []
        watch = Watch(device.stream_time, lambda: made[0].type_line("go on"))
        engines = replace(loaders(config), chat=Talker, synthesizer=Hum)
        made.append(Session(engines, device, make_ears(config, echo=True), session_settings(config), watch))
        with made[0] as session:
            session.wait_until_listening()
            session.type_line("talk")
            time.sleep(SETTLE_SECONDS)
            yield session


def perform(card: VirtualCard, script: Script, settings: Mapping[str, object]) -> Air:
    """Speak the script into the card's microphone while knik talks."""
    with card.recording() as recording, talking(card, settings) as session:
        card.play(script.near, SAMPLE_RATE)
        underruns = session.view().underruns
    return Air(recording.speaker, _begin(recording.microphone, script.near), underruns)


def _begin(microphone: Samples, near: Samples) -> float:
    """When the script begins in the recording, in seconds, by cross-correlation."""
    heard = resample(microphone, RATE, SAMPLE_RATE)
    size = 1 << (heard.size + near.size).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(near, size))
    return float(np.argmax(np.fft.irfft(spectrum, size)[: heard.size])) / SAMPLE_RATE
