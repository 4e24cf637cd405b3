"""Where the micro Whisper lies."""

from pathlib import Path

MODEL = Path(__file__).parent / "data" / "whisper"
