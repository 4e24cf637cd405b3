"""espeak-ng: the built-in voice, from the library that kokoro-onnx brings along."""

import ctypes
import difflib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.espeak_guard import ESPEAK_LOCK
from knik.engines.protocols import EngineInfo, SpeechChunk, VoiceInfo, VoiceSettings, Word
from knik.engines.trim import trim_silence
from knik.errors import KnikError

# From espeak-ng's speak_lib.h.
AUDIO_OUTPUT_SYNCHRONOUS = 2
INITIALIZE_DONT_EXIT = 0x8000
CHARS_UTF8 = 1
PARAMETER_RATE = 1
EVENT_LIST_TERMINATED = 0
EVENT_WORD = 1
EE_OK = 0

WORDS_PER_MINUTE = 170
"""Pace at speed 1.0; espeak-ng's own is 175."""

BUFFER_MS = 50
DEFAULT_VOICE = "en-us"
VARIANTS = ("m1", "m3", "m7", "f1", "f2", "f3", "f5")
"""Some of espeak-ng's variants, each a voice of its own behind a plus sign."""


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class EspeakSynthesizer:
    """Speaks a hundred languages, understandably and without charm.

    A clause is synthesised in one go, which takes a few milliseconds, and handed out in chunks.

    Raises:
        KnikError: The library is missing or does not start.
    """

    def __init__(self) -> None:
        self._library, self._rate = _load()
        self._voices: list[VoiceInfo] = []
        self._files: dict[str, str] = {}

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("espeak-ng", "built-in voice, robotic", builtin=True)

    @property
    def sample_rate(self) -> int:
        """22 050 Hz, as the library tells."""
        return self._rate

    def voices(self) -> Sequence[VoiceInfo]:
        """Every language, and the variants of American English."""
        if not self._voices:
            self._voices = self._list_voices()
        return self._voices

    def synthesize(self, text: str, settings: VoiceSettings, cancel: CancelToken) -> Iterator[SpeechChunk]:
        """Speak one clause. `settings.voice` is an espeak-ng voice such as "en-gb+f3"."""
        voice = settings.voice or settings.language or DEFAULT_VOICE
        samples, words = self._speak(text, voice, settings.speed, cancel)
        samples, lead = trim_silence(samples, self._rate)
        shifted = tuple(Word(w.text, max(0.0, w.start - lead), max(0.0, w.end - lead)) for w in words)
        step = self._rate // 10
        for start in range(0, samples.size, step):
            cancel.check()
            begin, end = start / self._rate, (start + step) / self._rate
            inside = tuple(word for word in shifted if begin <= word.start < end)
            yield SpeechChunk(samples[start : start + step], inside)

    def close(self) -> None:
        """Nothing to free: the library serves the whole process."""

    def _speak(self, text: str, voice: str, speed: float, cancel: CancelToken) -> tuple[Samples, list[Word]]:
        blocks: list[Samples] = []
        starts: list[tuple[int, int, float]] = []

        interrupts: list[BaseException] = []

        def receive(wav: Any, count: int, events: Any) -> int:
            try:
                return take(wav, count, events)
            except BaseException as error:  # noqa: BLE001 - ctypes would swallow it, Ctrl-C above all
                interrupts.append(error)
                return 1

        def take(wav: Any, count: int, events: Any) -> int:
            index = 0
            while events[index].type != EVENT_LIST_TERMINATED:
                event = events[index]
                if event.type == EVENT_WORD:
                    position = event.text_position - 1
                    starts.append((position, event.length, event.audio_position / 1000))
                index += 1
            if wav and count > 0:
                blocks.append(np.ctypeslib.as_array(wav, (count,)).astype(np.float32) / np.float32(32768))
            return int(cancel.cancelled)

        self._call(text, voice, speed, _Callback(receive))
        if interrupts:
            raise interrupts[0]
        cancel.check()
        samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        return samples, _words(text, starts, samples.size / self._rate)

    def _call(self, text: str, voice: str, speed: float, callback: Callable[..., int]) -> None:
        data = text.replace("\0", " ").encode("utf-8", "ignore")
        pace = round(WORDS_PER_MINUTE * min(2.0, max(0.5, speed)))
        with ESPEAK_LOCK:
            # The library keeps the pointer after the call, so the callback must outlive it.
            self._callback = callback
            self._library.espeak_SetSynthCallback(callback)
            if self._library.espeak_SetVoiceByName(self._file_name(voice).encode()) != EE_OK:
                raise self._unknown_voice(voice)
            self._library.espeak_SetParameter(PARAMETER_RATE, pace, 0)
            status = self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, CHARS_UTF8, None, None)
        if status != EE_OK:
            raise KnikError(f"espeak-ng could not speak the text (error {status}).")

    def _file_name(self, voice: str) -> str:
        """The voice as espeak-ng surely finds it: some languages ("en-gb") live in a file of another
        name ("gmw/en"), which it does not look up when it comes with a variant."""
        self.voices()
        base, plus, variant = voice.partition("+")
        return self._files.get(base, base) + plus + variant

    def _unknown_voice(self, voice: str) -> KnikError:
        names = [info.name for info in self.voices()]
        near = difflib.get_close_matches(voice, names, 3, 0.4) or [DEFAULT_VOICE]
        return KnikError(
            f'espeak-ng has no voice "{voice}"; near it are {", ".join(near)}.',
            "See: knik say --list-voices",
            exit_code=2,
        )

    def _list_voices(self) -> list[VoiceInfo]:
        found: list[VoiceInfo] = []
        with ESPEAK_LOCK:
            voices = self._library.espeak_ListVoices(None)
            index = 0
            while voices[index]:
                voice = voices[index].contents
                # The list of languages starts with a byte of priority before each name.
                language = (voice.languages or b"\0")[1:].decode("ascii", "replace")
                found.append(VoiceInfo(language, language, (voice.name or b"").decode("utf-8", "replace")))
                self._files[language] = (voice.identifier or b"").decode("ascii", "replace")
                index += 1
        english = [info for info in found if info.name.startswith("en")]
        variants = [
            VoiceInfo(f"{DEFAULT_VOICE}+{variant}", DEFAULT_VOICE, f"variant {variant}")
            for variant in VARIANTS
        ]
        return [*english, *variants, *(info for info in found if not info.name.startswith("en"))]


@cache
def _load() -> tuple[ctypes.CDLL, int]:
    """Once in a process: initialised again, the library frees phonemes that it still points at, and
    crashes sooner or later."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
    except (ImportError, OSError) as error:
        raise KnikError(
            f"The built-in voice needs espeak-ng, which does not load ({error}).",
            "Reinstall it: uv sync --reinstall-package espeakng-loader",
        ) from error
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    library.espeak_ListVoices.argtypes = [ctypes.c_void_p]
    library.espeak_SetSynthCallback.argtypes = [_Callback]
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    ]
    with ESPEAK_LOCK:
        rate = library.espeak_Initialize(
            AUDIO_OUTPUT_SYNCHRONOUS,
            BUFFER_MS,
            espeakng_loader.get_data_path().encode(),
            INITIALIZE_DONT_EXIT,
        )
    if rate <= 0:
        raise KnikError(
            "The built-in voice does not start: espeak-ng finds no data.",
            "Reinstall it: uv sync --reinstall-package espeakng-loader",
        )
    return library, rate


def _words(text: str, starts: list[tuple[int, int, float]], total: float) -> list[Word]:
    """Each word lasts until the next one begins."""
    ends = [start for _, _, start in starts[1:]] + [total]
    return [
        Word(text[position : position + length], start, max(start, end))
        for (position, length, start), end in zip(starts, ends[: len(starts)], strict=True)
    ]
