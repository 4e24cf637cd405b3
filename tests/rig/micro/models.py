"""Where the micro models lie, and the settings that make knik use them."""

from pathlib import Path

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.kokoro import KokoroSynthesizer
from knik.engines.protocols import VoiceSettings
from knik.text.clauses import ClauseSplitter
from knik.text.normalise import speech_text

DATA = Path(__file__).parent / "data"
WHISPER = DATA / "whisper"
LLAMA = DATA / "llama" / "micro.gguf"
KOKORO = DATA / "kokoro"
VOICE = "af_heart"

SETTINGS: dict[str, object] = {
    "stt.engine": "faster-whisper",
    "stt.model": str(WHISPER),
    "stt.threads": 2,
    "chat.engine": "llama",
    "chat.model": str(LLAMA),
    "chat.context": 1024,
    "chat.max_tokens": 300,
    "chat.temperature": 0.0,
    "chat.threads": 1,
    "chat.reflexes": False,
    "tts.engine": "kokoro",
    "tts.model": str(KOKORO),
    "tts.voice": VOICE,
    "tts.threads": 1,
}
"""By dotted key: real engines, micro models, nothing answered by rule."""


def environment() -> dict[str, str]:
    """`SETTINGS` as environment variables."""
    return {f"KNIK_{key.replace('.', '_').upper()}": str(value) for key, value in SETTINGS.items()}


def clauses(reply: str) -> list[str]:
    """The clauses that knik cuts a reply into."""
    splitter = ClauseSplitter()
    return [*splitter.feed(reply), *splitter.flush()]


def sound_of(clause: str) -> tuple[Samples, int]:
    """What the micro Kokoro makes of a clause, and at which rate."""
    engine = KokoroSynthesizer(KOKORO / "micro.onnx", KOKORO / "voices.bin", threads=1)
    chunks = engine.synthesize(speech_text(clause), VoiceSettings(VOICE), CancelToken())
    return np.concatenate([chunk.samples for chunk in chunks]), engine.sample_rate
