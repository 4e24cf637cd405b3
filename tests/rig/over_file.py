"""Sessions that hear a file, faster than real time."""

from pathlib import Path

import soundfile

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.wavfile import WavDevice
from knik.config.schema import Config
from knik.session.pipeline import EngineLoaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer


def hold(
    folder: Path, sound: Samples, config: Config, loaders: EngineLoaders, patience: float = 60
) -> Session:
    """Hold the conversation that `sound`, 16 kHz, leads to; returns the ended session."""
    soundfile.write(folder / "in.wav", sound, SAMPLE_RATE)
    made: list[Session] = []
    device = WavDevice(
        folder / "in.wav",
        None,
        settle=lambda: made[0].settle(),
        on_input_end=lambda: made[0].end_when_quiet(),
        on_error=lambda error: made[0].fail(error),
    )
    made.append(Session(loaders, device, make_ears(config), session_settings(config), Tracer()))
    with made[0] as session:
        assert session.wait(patience)
    return session
