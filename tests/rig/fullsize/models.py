"""The full-size models by name, made when they are first asked for, and the settings that use them."""

from collections.abc import Iterable
from pathlib import Path

from tests.rig.fullsize import cache, kokoro, llama, whisper

VOICE = kokoro.VOICE


def whisper_folder(name: str = "base.en", seconds: float = 3.0) -> Path:
    """A Whisper of `whisper.SIZES` that says as many tokens as an utterance of so many seconds has.

    It stands for real weights in speed alone: it says the same whatever it hears.
    """
    tokens = min(len(whisper.WORDS), round(seconds * whisper.TOKENS_PER_SECOND))
    weights = cache.made(f"whisper/{name}", lambda folder: whisper.make(whisper.SIZES[name], folder))
    return cache.made(
        f"whisper/{name}-{tokens}-tokens", lambda folder: whisper.shorten(weights, folder, tokens)
    )


def llama_file(name: str = "0.5b") -> Path:
    """A llama of `llama.SIZES`; it talks until the limit on tokens stops it."""
    return cache.made(f"llama/{name}", lambda folder: llama.make(llama.SIZES[name], folder)) / llama.FILE


def kokoro_folder(name: str = "fp32") -> Path:
    """Kokoro in "fp32" or "int8", with voices."""
    precision = kokoro.PRECISIONS[name]
    return cache.made(f"kokoro/{name}", lambda folder: kokoro.make(kokoro.FULL, folder, precision))


def names() -> list[str]:
    """Of all models, such as "whisper/base.en"."""
    kinds: dict[str, Iterable[str]] = {
        "whisper": whisper.SIZES,
        "llama": llama.SIZES,
        "kokoro": kokoro.PRECISIONS,
    }
    return [f"{kind}/{size}" for kind, sizes in kinds.items() for size in sizes]


def model(name: str) -> Path:
    """A model of `names`.

    Raises:
        ValueError: There is none with this name.
    """
    if name not in names():
        raise ValueError(f'There is no full-size model "{name}"; there are {", ".join(names())}.')
    kind, _, size = name.partition("/")
    return {"whisper": whisper_folder, "llama": llama_file, "kokoro": kokoro_folder}[kind](size)


def dotted(
    stt: str = "base.en", chat: str = "0.5b", tts: str = "fp32", seconds: float = 3.0
) -> dict[str, object]:
    """Settings by dotted key that make knik use these models.

    Args:
        stt: Of `whisper.SIZES`.
        chat: Of `llama.SIZES`.
        tts: "fp32" or "int8".
        seconds: Length of the utterances, which decides how many tokens Whisper writes.
    """
    return {
        "stt.engine": "faster-whisper",
        "stt.model": str(whisper_folder(stt, seconds)),
        "chat.engine": "llama",
        "chat.model": str(llama_file(chat)),
        "chat.temperature": 0.0,
        # The reply is over then; a real model would end it itself.
        "chat.max_tokens": llama.REPLY_TOKENS,
        "chat.reflexes": False,
        "tts.engine": "kokoro",
        "tts.model": str(kokoro_folder(tts)),
        "tts.voice": VOICE,
    }


def settings(
    stt: str = "base.en", chat: str = "0.5b", tts: str = "fp32", seconds: float = 3.0
) -> dict[str, str]:
    """`dotted` as environment variables."""
    values = dotted(stt, chat, tts, seconds)
    return {f"KNIK_{key.replace('.', '_').upper()}": str(value) for key, value in values.items()}
