"""The plain pipeline: wait for silence, transcribe it all, write a sentence, synthesise it."""

import re
import time
from dataclasses import dataclass

from knik.audio.frames import Samples
from knik.cancel import CancelToken
from knik.engines.protocols import ChatModel, Message, Synthesizer, Transcriber, VoiceSettings
from knik.text.normalise import speech_text

SENTENCE = re.compile(r"[.!?](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Sequential:
    """Answers one utterance after another with engines that are loaded already.

    Attributes:
        transcriber: Encodes the full window of 30 s, as Whisper's own code does.
        chat: Keeps the KV cache of what it has seen, as llama.cpp does by itself.
        synthesizer: Speaks whole sentences.
        silence: Seconds of silence that end an utterance.
    """

    transcriber: Transcriber
    chat: ChatModel
    synthesizer: Synthesizer
    silence: float

    def first_sound(self, audio: Samples, before: list[Message]) -> tuple[float, str]:
        """Seconds from the end of the speech in `audio` to the first sound of the answer, and the answer."""
        cancel = CancelToken()
        started = time.perf_counter()
        text = self.transcriber.transcribe(audio, cancel).text
        pieces = self.chat.stream([*before, Message("user", text)], cancel)
        reply = ""
        while SENTENCE.search(reply) is None and (piece := next(pieces, None)) is not None:
            reply += piece
        sentence = reply[: match.end()] if (match := SENTENCE.search(reply)) else reply
        list(self.synthesizer.synthesize(speech_text(sentence), VoiceSettings(), cancel))
        waited = self.silence + time.perf_counter() - started
        return waited, reply + "".join(pieces)
