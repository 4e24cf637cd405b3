"""Engines behind an OpenAI-compatible server: Ollama, vLLM, llama-server, LM Studio, speaches, ..."""

from knik.engines.openai.chat import OpenAIChat
from knik.engines.openai.speech import OpenAISynthesizer
from knik.engines.openai.transcription import OpenAITranscriber

__all__ = ["OpenAIChat", "OpenAISynthesizer", "OpenAITranscriber"]
