"""How much memory models need and how quick a turn with them would be, from their sizes and a probe.

The constants were fitted to models of full size on two cores (see docs/benchmarks/prediction.md, and
benchmarks/prediction.py, which repeats the comparison).
"""

from dataclasses import dataclass

from knik.models.catalogue import ModelEntry
from knik.models.probe import Speed

PROGRAM = 110
"""MB of knik itself with the libraries of all engines."""

UTTERANCE = 3.0
"""Seconds of an ordinary request."""
QUESTION = 20
"""Tokens of it that the chat model has not seen, the template's included."""
CLAUSE = 12
"""Tokens of the first clause."""
CLAUSE_SOUND = 2.8
"""Seconds that it lasts, where synthesis is quick."""
FIRST_SECONDS = 0.6
"""Synthesis that the first clause may take (knik/text/pace.py)."""
SHORTEST = 0.57
"""Share of it that is spoken first where synthesis is slow: 20 characters of 35 (knik/text/pace.py)."""

PAUSE = 0.07 + 0.04
"""Silence after which work starts in advance: until the detector lets go of the voice, and [endpoint]
pause_ms."""
TOGETHER = 1.15
"""What three engines in one process take longer than each by itself."""
SILENCE = 0.25
"""Silence that ends a finished utterance ([endpoint] finished_ms)."""
BUFFERS = 0.02
"""Seconds in the sound device's buffers ([audio] latency_ms)."""

POSITIONS = 500
"""Of Whisper's encoder for the shortest window knik uses, 10 s (knik/engines/whisper_windows.py)."""
INT8 = {True: 1.4, False: 0.7}
"""Integer arithmetic of CTranslate2 beside the probe's, with and without instructions for it; the latter
was never measured and is half the former."""
INT8_INSTRUCTIONS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"})
DECODER = 0.21
"""Of the probe's reading speed, what Whisper's decoder gets: it is held up by many small steps."""
DECODED = 10
"""Steps of the decoder for `UTTERANCE`, at three tokens a second."""
FEATURES = 15.0
"""10^9 operations' worth of time for spectrum, tokens and the rest of a transcription."""
PROMPT = 2.2
"""llama.cpp's arithmetic on a prompt beside the probe's."""
READ = 1.15
"""llama.cpp's reading speed beside the probe's."""
TOKEN = 1.2
"""10^9 operations' worth of time that a token takes beside the reading of the weights."""
KOKORO = 54.5
"""10^9 operations for a second of sound (278 for 5.1 s, counted by PyTorch on the published code)."""
SINGLE, HALVED = 0.69, 0.82
"""onnxruntime's arithmetic on Kokoro beside the probe's, in single precision and in 8 bits."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What is to be expected of three models together.

    Attributes:
        memory: MB that the process would take.
        stt: Seconds to transcribe an ordinary request.
        chat: Seconds to the first clause of the answer.
        tts: Seconds to synthesise it, were it not cut short where that is slow.
        first_sound: Seconds from the end of speech to the first sound of the answer.
    """

    memory: int
    stt: float
    chat: float
    tts: float

    @property
    def first_sound(self) -> float:
        """Work starts a little into the silence, and nothing is heard before the silence is over."""
        spoken = min(self.tts, max(FIRST_SECONDS, SHORTEST * self.tts))
        return max(SILENCE, PAUSE + TOGETHER * (self.stt + self.chat + spoken)) + BUFFERS


def predict(
    stt: ModelEntry, chat: ModelEntry, tts: ModelEntry, speed: Speed, *, context: int, int8: bool = True
) -> Prediction:
    """Predict for three models on the processor.

    Args:
        stt: A Whisper; its sizes have to be known, as those of all in the catalogue are.
        chat: A chat model.
        tts: A Kokoro.
        speed: Of this machine.
        context: Tokens of conversation ([chat] context).
        int8: Whether the processor has instructions for small integers (`INT8_INSTRUCTIONS`).
    """
    memory = PROGRAM + sum(memory_of(entry, context) for entry in (stt, chat, tts))
    return Prediction(memory, hearing(stt, speed, int8=int8), answering(chat, speed), speaking(tts, speed))


def memory_of(entry: ModelEntry, context: int = 4096) -> int:
    """MB that a model takes when it is loaded, from its parameters, their size and its buffers.

    Whisper is loaded in 8 bits, whatever its file holds. llama.cpp keeps a second copy of the weights,
    in the order that its arithmetic likes, beside the file that it maps into memory.
    """
    if entry.kind == "stt":
        return round(1.07 * entry.parameters + 85)
    if entry.kind == "chat":
        return round(1.6 * entry.megabytes + entry.kv_bytes * context / 1e6 + 30)
    return round(entry.megabytes + (135 if entry.kind == "tts" else 30))


def hearing(stt: ModelEntry, speed: Speed, *, int8: bool = True) -> float:
    """Seconds that a Whisper takes for an ordinary request."""
    encoder = 2 * stt.encoder / 1000 * POSITIONS / (INT8[int8] * speed.gflops)
    decoder = DECODED * (stt.parameters - stt.encoder) / 1000 / (DECODER * speed.gbytes)
    return encoder + decoder + FEATURES / speed.gflops


def answering(chat: ModelEntry, speed: Speed) -> float:
    """Seconds that a chat model takes from the question to the end of its first clause."""
    prompt = 2 * chat.parameters / 1000 * QUESTION / (PROMPT * speed.gflops)
    return prompt + CLAUSE * token(chat, speed)


def token(chat: ModelEntry, speed: Speed) -> float:
    """Seconds for one token of an answer."""
    return chat.megabytes / 1000 / (READ * speed.gbytes) + TOKEN / speed.gflops


def speaking(tts: ModelEntry, speed: Speed) -> float:
    """Seconds that Kokoro takes for the first clause."""
    small = tts.megabytes < 2 * tts.parameters
    return CLAUSE_SOUND * KOKORO / ((HALVED if small else SINGLE) * speed.gflops)
