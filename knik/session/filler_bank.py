"""Fillers, spoken in advance in the voice that is in use."""

import numpy as np

from knik.audio.frames import Samples
from knik.audio.resample import resample
from knik.cancel import CancelToken
from knik.dialogue.fillers import FILLERS
from knik.engines.protocols import Synthesizer, VoiceSettings


class FillerBank:
    """Written by the synthesis worker, read by the ears thread; each entry is written once."""

    def __init__(self) -> None:
        self._voice: VoiceSettings | None = None
        self._sounds: dict[str, tuple[Samples, int]] = {}

    def wants(self, voice: VoiceSettings) -> bool:
        """Whether the fillers have yet to be spoken in this voice; True once for each change."""
        if voice == self._voice:
            return False
        self._voice, self._sounds = voice, {}
        return True

    def record(self, engine: Synthesizer, voice: VoiceSettings, cancel: CancelToken) -> None:
        """Speak all fillers, unless the voice has changed again."""
        sounds = self._sounds
        for text in FILLERS:
            if voice != self._voice:
                return
            chunks = [chunk.samples for chunk in engine.synthesize(text, voice, cancel)]
            sounds[text] = np.concatenate(chunks), engine.sample_rate

    def lasting(self) -> dict[str, float]:
        """Seconds of each filler that is there."""
        return {text: samples.size / rate for text, (samples, rate) in list(self._sounds.items())}

    def sound(self, text: str, rate: int) -> Samples | None:
        """The filler at `rate` Hz, or None while it is not there."""
        found = self._sounds.get(text)
        return None if found is None else resample(found[0], found[1], rate)
