"""Builds a session's engines from the configuration."""

import importlib.util
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import platformdirs

from knik.config.schema import Chat, Config, Stt, Tts
from knik.dialogue.stock import STOCK
from knik.engines.protocols import ChatModel, Synthesizer, Transcriber
from knik.errors import KnikError
from knik.models.catalogue import Kind, catalogue
from knik.models.choice import AUTO, DEFAULTS, meant
from knik.models.locate import locate, models_dir
from knik.models.verdicts import short_context_harms
from knik.session.pipeline import EngineLoaders

NO_LLAMA = (
    "The chat model is installed, but llama-cpp-python, which runs it, is not; the built-in answers serve "
    "meanwhile. Install it: uv sync --extra llama"
)


Notify = Callable[[str], None]
EngineT = TypeVar("EngineT")


def or_builtin(
    load: Callable[[], EngineT], builtin: Callable[[], EngineT], notify: Notify
) -> Callable[[], EngineT]:
    """A loader that falls back to the built-in engine, and says why, when the model does not load."""

    def attempt() -> EngineT:
        try:
            return load()
        except KnikError as error:
            notify(f"{error} The built-in engine serves meanwhile.")
            return builtin()

    return attempt


def engine_loaders(
    config: Config, *, hears: bool = True, speaks: bool = True, notify: Notify = lambda _: None
) -> EngineLoaders:
    """How to build the engines that the configuration asks for; nothing is loaded yet.

    Where the choice is left open ("auto") and a model does not load, the built-in engine takes its
    place, and `notify` is told why, from the loading thread.

    Raises:
        KnikError: An engine was asked for by name and its model is not installed.
    """
    return EngineLoaders(
        transcriber=_listener(config, notify) if hears else None,
        chat=chat_loader(config, notify),
        synthesizer=synthesizer_loader(config, notify) if speaks else None,
        notes=() if can_chat(config) else (NO_LLAMA,),
    )


def _listener(config: Config, notify: Notify) -> Callable[[], Transcriber]:
    """The transcriber, with a turn-detection model beside it where one is installed."""
    load = _spotting(config, transcriber_loader(config, notify), notify)
    wanted = config.endpoint.adaptive and config.endpoint.turn_model == "auto"
    path = locate("turn", AUTO, models_dir(config.models.dir)) if wanted else None
    return load if path is None else partial(_judged, load, path, notify)


def _spotting(config: Config, load: Callable[[], Transcriber], notify: Notify) -> Callable[[], Transcriber]:
    """The transcriber, with a wake-word model before it where one for the phrase is installed."""
    name = "-".join(config.wake.phrase.casefold().split())
    folder = models_dir(config.models.dir)
    path = locate("wake", name, folder) if config.wake.enabled and name else None
    if path is None:
        return load
    known = {entry.name: entry.threshold for entry in catalogue()}
    return partial(_with_spotter, load, path, known.get(name, 0.5), config.wake.phrase, notify)


def _with_spotter(
    load: Callable[[], Transcriber], path: Path, threshold: float, phrase: str, notify: Notify
) -> Transcriber:
    from knik.engines.spotted import SpottingTranscriber
    from knik.engines.wake_word import WakeWord

    transcriber = load()
    try:
        return SpottingTranscriber(transcriber, WakeWord(path, threshold), phrase)
    except KnikError as error:
        notify(f"{error} The transcriber spots the wake phrase.")
        return transcriber


def _judged(load: Callable[[], Transcriber], path: Path, notify: Notify) -> Transcriber:
    from knik.engines.judged import JudgedTranscriber
    from knik.engines.smart_turn import SmartTurn

    transcriber = load()
    try:
        return JudgedTranscriber(transcriber, SmartTurn(path))
    except KnikError as error:
        notify(f"{error} The words alone decide when a turn is over.")
        return transcriber


def transcriber_loader(config: Config, notify: Notify = lambda _: None) -> Callable[[], Transcriber]:
    """The transcriber, as a function that loads it."""
    stt = config.stt
    if stt.engine == "openai":
        return lambda: _openai_transcriber(stt)
    path = _installed("stt", stt.model, config, required=stt.engine == "faster-whisper")
    builtin = partial(_pocketsphinx, config.wake.phrase if config.wake.enabled else "")
    if stt.engine != "pocketsphinx" and path is not None:
        load = partial(_faster_whisper, stt, path)
        return or_builtin(load, builtin, notify) if stt.engine == "auto" else load
    return builtin


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
        initial_prompt=stt.initial_prompt,
        recent_words=stt.recent_words,
        short_context=_short_context(stt, path),
        no_speech_threshold=stt.no_speech_threshold,
        logprob_threshold=stt.logprob_threshold,
        reject=invention,
    )


def _short_context(stt: Stt, path: Path) -> bool:
    return stt.short_context == "on" or (stt.short_context == "auto" and not short_context_harms(path))


def _pocketsphinx(call: str = "") -> Transcriber:
    from knik.dialogue.reflex.grammar import grammar
    from knik.engines.pocketsphinx import PocketSphinxTranscriber

    return PocketSphinxTranscriber(grammar(call))


def _openai_transcriber(stt: Stt) -> Transcriber:
    from knik.engines.openai import OpenAITranscriber
    from knik.text.transcripts import invention

    return OpenAITranscriber(
        _url(stt.url, "stt"),
        _server_model("stt", stt.model),
        api_key=_key(stt.api_key_env),
        language=stt.language,
        reject=invention,
    )


def chat_loader(config: Config, notify: Notify = lambda _: None) -> Callable[[], ChatModel]:
    """The chat model, as a function that loads it."""
    chat = config.chat
    if chat.engine == "openai":
        return lambda: _openai_chat(chat)
    path = _installed("chat", chat.model, config, required=chat.engine == "llama")
    if chat.engine != "builtin" and path is not None and can_chat(config):
        load = partial(_llama, chat, path)
        return or_builtin(load, _builtin_chat, notify) if chat.engine == "auto" else load
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
        states=_cache_dir() / "prefill",
    )


def _builtin_chat() -> ChatModel:
    from knik.engines.builtin_chat import BuiltinChat

    return BuiltinChat()


def _openai_chat(chat: Chat) -> ChatModel:
    from knik.engines.openai import OpenAIChat

    return OpenAIChat(
        _url(chat.url, "chat"),
        _server_model("chat", chat.model),
        api_key=_key(chat.api_key_env),
        max_tokens=chat.max_tokens,
        temperature=chat.temperature,
        top_p=chat.top_p if "top_p" in chat.model_fields_set else None,
        seed=chat.seed,
        stall_timeout=chat.stall_s,
    )


def synthesizer_loader(config: Config, notify: Notify = lambda _: None) -> Callable[[], Synthesizer]:
    """The synthesizer, as a function that loads it."""
    tts = config.tts
    if tts.engine == "openai":
        return lambda: _openai_synthesizer(tts)
    path = _installed("tts", tts.model, config, required=tts.engine == "kokoro")
    if tts.engine != "espeak" and path is not None:
        load = partial(_kokoro, tts, path)
        return or_builtin(load, _espeak, notify) if tts.engine == "auto" else load
    return _espeak


def _kokoro(tts: Tts, folder: Path) -> Synthesizer:
    from knik.engines.kokoro import KokoroSynthesizer
    from knik.engines.phrase_cache import PhraseCache

    models, voices = sorted(folder.glob("*.onnx")), sorted(folder.glob("voices*"))
    if not models or not voices:
        raise KnikError(
            f"{folder}: holds no Kokoro model and voices file.",
            f"Fetch them: knik models download {tts.model}",
        )
    engine = KokoroSynthesizer(models[0], voices[0], threads=tts.threads)
    if not tts.cache_mb:
        return engine
    stat = models[0].stat()
    return PhraseCache(
        engine,
        _cache_dir() / "phrases",
        STOCK,
        identity=f"{models[0].resolve()} {stat.st_size} {stat.st_mtime_ns}",
        limit=tts.cache_mb * 2**20,
    )


def _espeak() -> Synthesizer:
    from knik.engines.espeak import EspeakSynthesizer

    return EspeakSynthesizer()


def _openai_synthesizer(tts: Tts) -> Synthesizer:
    from knik.engines.openai import OpenAISynthesizer

    return OpenAISynthesizer(
        _url(tts.url, "tts"), _server_model("tts", tts.model), api_key=_key(tts.api_key_env)
    )


def _cache_dir() -> Path:
    return Path(platformdirs.user_cache_dir("knik", appauthor=False))


def _installed(kind: Kind, name: str, config: Config, *, required: bool) -> Path | None:
    folder = models_dir(config.models.dir)
    path = locate(kind, name, folder)
    if path is None and required:
        name = meant(kind, name, folder)
        raise KnikError(
            f'The {kind} model "{name}" is not in {folder}.', f"Fetch it: knik models download {name}"
        )
    return path


def _server_model(kind: Kind, name: str) -> str:
    """What to ask a server for; one that serves a single model takes any name."""
    return DEFAULTS[kind] if name == AUTO else name


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
