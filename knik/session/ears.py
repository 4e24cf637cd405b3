"""From blocks of the microphone to speech events."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from knik.audio.clock import SampleClock
from knik.audio.echo import EchoCanceller
from knik.audio.endpointer import Endpointer
from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples
from knik.audio.history import AudioHistory
from knik.audio.level import SILENCE_DB, level_db
from knik.audio.near_end import NearEnd
from knik.audio.processing import Processor, process_all
from knik.audio.resample import StreamResampler
from knik.audio.ring import Ring
from knik.audio.speech_edge import end_of_speech
from knik.audio.speech_events import SpeechEvent, SpeechPaused, UtteranceEnded
from knik.audio.suspicion import Suspicion
from knik.audio.vad import Vad

RING_SECONDS = 20.0
"""Sound that may wait while the ears are busy, above all while they load the VAD."""

EDGE_SEARCH = round(0.3 * SAMPLE_RATE)
"""How far before the VAD's end of speech its real end is looked for."""

REST_SECONDS = 0.12
"""Sound that is heard at once while nothing goes on. Waking for every 10 ms costs the idle listener more
processor time than hearing them, and speech is noticed 55 ms later on average, by whom nobody waits for."""

LONGEST_WAIT = 0.05
"""Seconds of the microphone that may wait to be heard, for what the speaker played meanwhile."""

ECHO_LEFT_DB = 22.0
"""Where the canceller took more than this away, what it left is no voice, whatever it sounds like: while it
learns the room it leaves bursts of the assistant's own voice. A person who talks over a loud speaker is
weakened, too, but less."""

WARM_UP = 2 * SAMPLE_RATE
"""Samples in which noise suppression and gain control settle."""

LONGEST_LAG = 0.15
"""Seconds by which a VAD is believed to let go late."""


class _Source:
    """The microphone at one rate: written by the callback, read by the ears.

    Attributes:
        start: 16 kHz index of its first sample.
        stamp: Index of a block's first sample in the ring's count, and when it was recorded.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.ring = Ring(round(RING_SECONDS * rate))
        self.resampler = StreamResampler(rate, SAMPLE_RATE)
        self.start = 0
        self.stamp: tuple[int, float] | None = None
        self.overflows = 0

    @property
    def lost_blocks(self) -> int:
        return self.overflows + math.ceil(100 * self.ring.dropped / self.rate)


class Ears:
    """Hears: resampling, echo canceller, VAD, endpointer.

    `capture` runs in the device's callback; everything else on the ears thread.

    Args:
        make_vad: Builds what judges 10 ms frames, on the ears thread while the ring already fills;
            None hears nothing by itself (push-to-talk).
        endpointer: Turns judgements into events.
        make_echo: Builds what takes the assistant's own voice out, likewise; None where none comes back.
        make_processor: Builds what makes the rest better to understand (noise, level), likewise; None for
            nothing.
        gain: Factor applied to the microphone's samples.
        make_suspicion: Builds what notices the first sign of speech, likewise; None tells of speech only
            once it is certain.
    """

    def __init__(
        self,
        make_vad: Callable[[], Vad] | None,
        endpointer: Endpointer,
        make_echo: Callable[[], EchoCanceller] | None = None,
        make_processor: Callable[[], Processor] | None = None,
        gain: float = 1.0,
        make_suspicion: Callable[[], Suspicion] | None = None,
    ) -> None:
        self.history = AudioHistory()
        self.clock = SampleClock()
        self.level_db = SILENCE_DB
        self._make_vad = make_vad
        self._vad: Vad | None = None
        self._endpointer = endpointer
        self._make_echo = make_echo
        self._echo: EchoCanceller | None = None
        self._near_end = NearEnd()
        self._make_processor = make_processor
        self._processor: Processor | None = None
        self._gain = np.float32(gain)
        self._make_suspicion = make_suspicion
        self._suspicion: Suspicion | None = None
        self._source: _Source | None = None
        self._hearing: _Source | None = None
        self._lost_before = 0
        self._vad_lag = 0.0
        self._resting = False
        self._partial = np.zeros(0, np.float32)

    def load(self) -> None:
        """Build the VAD, the echo canceller and so on; `listen` comes after it."""
        if self._make_vad is not None:
            self._vad = self._make_vad()
        if self._make_echo is not None:
            self._echo = self._make_echo()
        if self._make_processor is not None:
            self._processor = self._make_processor()
        if self._make_suspicion is not None:
            self._suspicion = self._make_suspicion()

    def capture(self, block: Samples, rate: int, adc_time: float, overflow: bool) -> None:
        """Take one block of the microphone, shape (n,) at `rate` Hz, in the device's callback.

        `adc_time` is when its first sample was recorded, in seconds on the device's clock. A rate
        other than the last block's means that the device was exchanged.
        """
        source = self._source
        if source is None or source.rate != rate:
            self._source = source = _Source(rate)
        source.stamp = (source.ring.written, adc_time)
        source.ring.write(block)
        source.overflows += overflow

    def played(self, block: Samples, rate: int, dac_time: float) -> None:
        """Take what goes to the speaker, in the device's callback: its echo will be heard after `dac_time`,
        in seconds on the device's clock."""
        if self._echo is not None:
            self._echo.played(block, rate, dac_time)

    @property
    def lost_blocks(self) -> int:
        """Blocks of 10 ms lost because the device or the ears were too slow."""
        source = self._source
        return self._lost_before + (source.lost_blocks if source is not None else 0)

    @property
    def due(self) -> bool:
        """Whether so much sound waits that it should be heard now; the device's callback asks."""
        source = self._source
        if not self._resting or source is None:
            return True
        return source.ring.readable >= REST_SECONDS * source.rate

    @property
    def waits(self) -> bool:
        """Whether sound waits for what the speaker plays; the device's callback asks. At rest, what waits is
        heard with the next piece."""
        return not self._resting and self._partial.size >= FRAME_SAMPLES

    def rest(self, quiet: bool) -> None:
        """Hear in larger pieces from now on if `quiet`, that is, nothing is being said or answered, and
        nothing sounds like the beginning of speech."""
        suspected = self._suspicion is not None and self._suspicion.active
        self._resting = quiet and not suspected and not self._endpointer.in_utterance

    def listen(self) -> list[SpeechEvent]:
        """Hear everything that has arrived since the last call."""
        source = self._source
        if source is None:
            return []
        if source is not self._hearing:
            self._turn_to(source)
        stamp, source.stamp = source.stamp, None
        if stamp is not None:
            index, adc_time = stamp
            seconds = index / source.rate
            self.clock.observe(source.start + round(seconds * SAMPLE_RATE), adc_time)
        events: list[SpeechEvent] = []
        while True:
            while self._partial.size >= FRAME_SAMPLES and not self._too_early(source):
                frame, self._partial = self._partial[:FRAME_SAMPLES], self._partial[FRAME_SAMPLES:]
                events += self._hear(frame)
            if not source.ring.readable:
                return events
            block = source.ring.read(source.rate // 10)
            fresh = source.resampler.process(block) * self._gain
            self._partial = np.concatenate([self._partial, fresh])

    def _too_early(self, source: "_Source") -> bool:
        """Whether the next frame should wait for what the speaker plays meanwhile."""
        waiting = self._partial.size / SAMPLE_RATE + source.ring.readable / source.rate
        return self._echo is not None and waiting <= LONGEST_WAIT and self._echo.late

    def _turn_to(self, source: "_Source") -> None:
        if self._hearing is not None:
            self._lost_before += self._hearing.lost_blocks
            self._near_end.forget()
        self._hearing = source
        source.start = self.history.end + self._partial.size

    def _hear(self, frame: Samples) -> tuple[SpeechEvent, ...]:
        taken_db = 0.0
        if self._echo is not None:
            bare, before = frame, (self._echo.exists, self._echo.moves)
            frame = self._echo.process(bare, self.clock.time_of(self.history.end))
            if (self._echo.exists, self._echo.moves) != before:
                self._near_end.forget()
            self._near_end.append(bare, self._echo.far)
            taken_db = self._echo.taken_db
        if self._processor is not None:
            frame = self._processor.process(frame)
        self.history.append(frame)
        self.level_db = level_db(frame)
        if self._vad is None:
            # A held key ends, too, where every utterance ends.
            return self._follow(0.0)
        probability = self._vad.probability(frame)
        if self._echo is not None and self._echo.learning:
            # What sounds like a voice is the assistant's own.
            dropped = self._suspicion.drop(self.history.end) if self._suspicion is not None else ()
            return (*dropped, *self._follow(0.0))
        if taken_db > ECHO_LEFT_DB:
            probability = 0.0
        if self._suspicion is None:
            return self._follow(probability)
        in_utterance = self._endpointer.in_utterance
        end = self.history.end
        suspected = self._suspicion.step(frame, end, in_utterance=in_utterance, taken_db=taken_db)
        return (*suspected, *self._follow(self._suspicion.weigh(probability)))

    def _follow(self, probability: float) -> tuple[SpeechEvent, ...]:
        events = self._endpointer.step(probability, self.history.end)
        return tuple(self._exact(event) for event in events)

    def _exact(self, event: SpeechEvent) -> SpeechEvent:
        """The event with the end of speech where the sound ended, not where the VAD let go."""
        if not isinstance(event, SpeechPaused | UtteranceEnded) or event.at == event.speech_end:
            return event
        since = event.speech_end - EDGE_SEARCH
        end = end_of_speech(self.history.slice(since, event.at))
        if end is None:
            self._vad_lag = 0.0
            return event
        exact = max(0, since) + end
        self._vad_lag = min(LONGEST_LAG, max(0.0, (event.speech_end - exact) / SAMPLE_RATE))
        return replace(event, speech_end=exact)

    def bear(self, silence: float) -> None:
        """End the utterance in the present pause after so many seconds of silence, counted from where the
        sound ended and not from where the VAD let go."""
        self._endpointer.wait(silence - self._vad_lag)

    def hurry(self) -> None:
        """Let work start with the next silence of the present utterance, however short, and find out now what
        its words have to be rid of."""
        self._endpointer.hurry()
        if self._echo is not None and self._echo.exists:
            self._near_end.learn()

    def said(self, start: int, end: int) -> Samples:
        """What a transcriber gets to hear of the samples [start, end): over the assistant's voice not what
        the canceller left, of which nobody can understand much; and nothing of the assistant's own voice that
        comes as a surprise: from then on it is taken out."""
        echo, near_end = self._echo, self._near_end
        if echo is None or not near_end.is_echo(start, end):
            return self.history.slice(start, end)
        if echo.exists:
            near_end.learn()
            if near_end.learnt:
                return self._processed(start, end)
        if not near_end.is_own(start, end):
            return self.history.slice(start, end)
        if not echo.exists:
            # Somebody has taken the headphones off.
            echo.suspect()
            near_end.forget()
        return np.zeros(0, np.float32)

    def _processed(self, start: int, end: int) -> Samples:
        if self._make_processor is None:
            return self._near_end.slice(start, end)
        # It has to get used to the noise and to the voice.
        since = max(0, start - WARM_UP)
        samples = process_all(self._make_processor(), self._near_end.slice(since, end))
        return samples[max(0, samples.size - (end - start)) :]

    def moved(self) -> None:
        """The sound comes from another microphone now, or goes to another speaker."""
        if self._echo is not None:
            self._echo.relearn()
            self._near_end.forget()

    def drop_utterance(self) -> None:
        """Forget the utterance that goes on."""
        self._endpointer.reset()

    def talk_key(self) -> tuple[SpeechEvent, ...]:
        """Start an utterance now, or end the one that goes on (push-to-talk)."""
        if self._endpointer.in_utterance:
            return self._endpointer.force_end(self.history.end)
        return self._endpointer.force_start(self.history.end)
