"""Draws docs/knik.svg with the real program: `uv run python -m docs.make_picture`.

A session over the recordings of tests/data and espeak-ng's voice, with the engines that the
configuration finds; then the panel as `knik chat` shows it, at 80 by 24.
"""

import tempfile
import threading
from pathlib import Path

import numpy as np
import soundfile
from rich.console import Console

from knik.audio.frames import SAMPLE_RATE
from knik.audio.wavfile import WavDevice
from knik.cli.keyboard import Keyboard
from knik.cli.panel import ChatPanel
from knik.config.load import load
from knik.session.assembly import engine_loaders
from knik.session.session import Session
from knik.session.setup import make_ears, session_settings
from knik.trace.turns import Tracer
from tests.rig.voices import silence, spoken

QUESTIONS = ("what time is it", "what can you do", "set a timer for five minutes")


def main() -> None:
    """Hold the conversation and write the picture."""
    config = load().config
    parts = [silence(0.5)]
    for question, pause in zip(QUESTIONS, (4.0, 2.6, 4.0), strict=True):
        parts += [spoken(question, "en-us+f2"), silence(pause)]
    made: list[Session] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.wav"
        soundfile.write(path, np.concatenate(parts), SAMPLE_RATE)
        over = threading.Event()
        device = WavDevice(path, None, realtime=True, on_input_end=over.set)
        session = Session(
            engine_loaders(config), device, make_ears(config), session_settings(config), Tracer()
        )
        made.append(session)
        console = Console(width=80, height=24, record=True, force_terminal=True)
        with session:
            over.wait(60)
            panel = ChatPanel(session, Keyboard(print, print))
            console.print(panel, height=24)
    console.save_svg(str(Path(__file__).parent / "knik.svg"), title="knik chat")


if __name__ == "__main__":
    main()
