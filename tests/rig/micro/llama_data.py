"""Where the micro llama lies."""

from pathlib import Path

MODEL = Path(__file__).parent / "data" / "llama" / "micro.gguf"
