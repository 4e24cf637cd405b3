"""Builds a session's engines, ears and device from the configuration."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

from knik.audio.echo import AutoEcho, WebrtcEcho
from knik.audio.endpointer import Endpointer, EndpointerConfig
from knik.audio.frames import SAMPLE_RATE
from knik.audio.vad import make_vad
from knik.config.schema import Chat, Config, Stt, Tts
from knik.dialogue.turns import TurnConfig
from knik.engines.protocols import ChatModel, Synthesizer, Transcriber, VoiceSettings
from knik.errors import KnikError
from knik.models.catalogue import Kind
from knik.models.locate import locate, models_dir
from knik.session.ears import Ears
from knik.session.pipeline import EngineLoaders
from knik.session.session import SessionSettings

NO_LLAMA = (
    "The chat model is installed, but llama-cpp-python, which runs it, is not; the built-in answers serve "
    "meanwhile. Install it: uv sync --extra llama"
)

CHARS_PER_TOKEN = 3
"""A low guess for English; it only decides how much history fits."""


def engine_loaders(config: Config, *, hears: bool = True, speaks: bool = True) -> EngineLoaders:
    """How to build the engines that the configuration asks for; nothing is loaded yet.

    Raises:
        KnikError: An engine was asked for by name and its model is not installed.
    """
    return EngineLoaders(
        transcriber=transcriber_loader(config) if hears else None,
        chat=chat_loader(config),
        synthesizer=synthesizer_loader(config) if speaks else None,
        notes=() if can_chat(config) else (NO_LLAMA,),
    )


def transcriber_loader(config: Config) -> Callable[[], Transcriber]:
    """The transcriber, as a function that loads it."""
    stt = config.stt
    if stt.engine == "openai":
        return lambda: _openai_transcriber(stt)
    path = _installed("stt", stt.model, config, required=stt.engine == "faster-whisper")
    if stt.engine != "pocketsphinx" and path is not None:
        return lambda: _faster_whisper(stt, path)
    return _pocketsphinx


def _faster_whisper(stt: Stt, path: Path) -> Transcriber:
    from knik.engines.faster_whisper import FasterWhisperTranscriber
    from knik.text.transcripts import invention

    return FasterWhisperTranscriber(
        path,
        device=stt.device,
        compute_type=stt.compute_type,
        threads=stt.threads,
        language=stt.language,
        beam_size=stt.beam_size,
        no_speech_threshold=stt.no_speech_threshold,
        logprob_threshold=stt.logprob_threshold,
        reject=invention,
    )


def _pocketsphinx() -> Transcriber:
    from knik.dialogue.reflex.grammar import GRAMMAR
    from knik.engines.pocketsphinx import PocketSphinxTranscriber

    return PocketSphinxTranscriber(GRAMMAR)


def _openai_transcriber(stt: Stt) -> Transcriber:
    from knik.engines.openai import OpenAITranscriber
    from knik.text.transcripts import invention

    return OpenAITranscriber(
        _url(stt.url, "stt"),
        stt.model,
        api_key=_key(stt.api_key_env),
        language=stt.language,
        reject=invention,
    )


def chat_loader(config: Config) -> Callable[[], ChatModel]:
    """The chat model, as a function that loads it."""
    chat = config.chat
    if chat.engine == "openai":
        return lambda: _openai_chat(chat)
    path = _installed("chat", chat.model, config, required=chat.engine == "llama")
    if chat.engine != "builtin" and path is not None and can_chat(config):
        return lambda: _llama(chat, path)
    return _builtin_chat


def can_chat(config: Config) -> bool:
    """False when a chat model is installed that nothing here can run, and the choice was left open."""
    chat = config.chat
    if chat.engine != "auto" or locate("chat", chat.model, models_dir(config.models.dir)) is None:
        return True
    return importlib.util.find_spec("llama_cpp") is not None


def _llama(chat: Chat, path: Path) -> ChatModel:
    from knik.engines.llama_cpp import LlamaCppChat

    return LlamaCppChat(
        path,
        context=chat.context,
        threads=chat.threads,
        gpu_layers=chat.gpu_layers,
        max_tokens=chat.max_tokens,
        temperature=chat.temperature,
        top_p=chat.top_p,
        seed=chat.seed,
    )


def _builtin_chat() -> ChatModel:
    from knik.engines.builtin_chat import BuiltinChat

    return BuiltinChat()


def _openai_chat(chat: Chat) -> ChatModel:
    from knik.engines.openai import OpenAIChat

    return OpenAIChat(
        _url(chat.url, "chat"),
        chat.model,
        api_key=_key(chat.api_key_env),
        max_tokens=chat.max_tokens,
        temperature=chat.temperature,
        stall_timeout=chat.stall_s,
    )


def synthesizer_loader(config: Config) -> Callable[[], Synthesizer]:
    """The synthesizer, as a function that loads it."""
    tts = config.tts
    if tts.engine == "openai":
        return lambda: _openai_synthesizer(tts)
    path = _installed("tts", tts.model, config, required=tts.engine == "kokoro")
    if tts.engine != "espeak" and path is not None:
        return lambda: _kokoro(tts, path)
    return _espeak


def _kokoro(tts: Tts, folder: Path) -> Synthesizer:
    from knik.engines.kokoro import KokoroSynthesizer

    models, voices = sorted(folder.glob("*.onnx")), sorted(folder.glob("voices*"))
    if not models or not voices:
        raise KnikError(
            f"{folder}: holds no Kokoro model and voices file.",
            f"Fetch them: knik models download {tts.model}",
        )
    return KokoroSynthesizer(models[0], voices[0], threads=tts.threads)


def _espeak() -> Synthesizer:
    from knik.engines.espeak import EspeakSynthesizer

    return EspeakSynthesizer()


def _openai_synthesizer(tts: Tts) -> Synthesizer:
    from knik.engines.openai import OpenAISynthesizer

    return OpenAISynthesizer(_url(tts.url, "tts"), tts.model, api_key=_key(tts.api_key_env))


def _installed(kind: Kind, name: str, config: Config, *, required: bool) -> Path | None:
    folder = models_dir(config.models.dir)
    path = locate(kind, name, folder)
    if path is None and required:
        raise KnikError(
            f'The {kind} model "{name}" is not in {folder}.', f"Fetch it: knik models download {name}"
        )
    return path


def _url(url: str, section: str) -> str:
    if not url:
        raise KnikError(
            f'[{section}] engine = "openai" needs the address of a server.',
            f"Set url in [{section}], such as http://localhost:11434/v1.",
            exit_code=2,
        )
    return url


def _key(variable: str) -> str:
    if not variable:
        return ""
    key = os.environ.get(variable)
    if key is None:
        raise KnikError(
            f"The environment variable {variable}, which should hold the API key, is not set.",
            f"Set it: export {variable}=...",
            exit_code=2,
        )
    return key


def session_settings(config: Config) -> SessionSettings:
    """How the conversation is held."""
    return SessionSettings(
        rules=TurnConfig(
            barge_in=config.barge_in.mode != "off",
            speculate=config.chat.speculate,
            max_utterance=config.endpoint.max_utterance_s * SAMPLE_RATE,
        ),
        system=config.chat.system,
        history_chars=CHARS_PER_TOKEN * max(0, config.chat.context - config.chat.max_tokens) * 2 // 3,
        voice=VoiceSettings(config.tts.voice, config.tts.speed, config.tts.language),
        reflexes=config.chat.reflexes,
    )


def make_ears(config: Config, *, push_to_talk: bool = False, echo: bool = False) -> Ears:
    """What hears, by the rules of the configuration.

    Args:
        config: The configuration.
        push_to_talk: Whether only the talk key starts and ends an utterance.
        echo: Whether the microphone may hear the speaker; then [audio] echo decides.
    """
    endpoint, vad = config.endpoint, config.vad
    rules = EndpointerConfig(
        threshold=vad.threshold,
        release=max(0.05, vad.threshold - 0.15),
        onset=endpoint.onset_ms / 1000,
        pause=endpoint.pause_ms / 1000,
        silence=endpoint.silence_ms / 1000,
        preroll=endpoint.preroll_ms / 1000,
        min_speech=endpoint.min_speech_ms / 1000,
        max_utterance=float(endpoint.max_utterance_s),
    )
    return Ears(
        None if push_to_talk else lambda: make_vad(vad.engine, vad.aggressiveness),
        Endpointer(rules),
        {"auto": AutoEcho, "on": WebrtcEcho, "off": None}[config.audio.echo] if echo else None,
        gain=10 ** (config.audio.input_gain_db / 20),
    )
