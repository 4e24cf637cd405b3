"""Endpointing: where an utterance starts and ends. Pure; time is the sample index."""

from collections import deque
from dataclasses import dataclass

from knik.audio.frames import FRAME_SAMPLES, SAMPLE_RATE
from knik.audio.speech_events import (
    SpeechEvent,
    SpeechPaused,
    SpeechRejected,
    SpeechResumed,
    SpeechStarted,
    UtteranceEnded,
)

PAUSE_GROWTH = 1.5
LONGEST_PAUSE = 0.3
"""Seconds."""

FALL = 0.3
"""How far below its peak in the utterance the probability of speech lies where a frame, in a hurry, counts
as silent. Silero takes about 100 ms to fall from its peak to below the release."""

FALL_SAMPLES = round(0.06 * SAMPLE_RATE)
"""How long such a frame goes on counting as silent: two of Silero's steps. Whoever still talks by then, only
more faintly, is heard again before the shortest silence ends an utterance."""


@dataclass(frozen=True, slots=True)
class EndpointerConfig:
    """The rules; times in seconds.

    Attributes:
        threshold: Probability from which a frame is voiced.
        release: Probability below which a frame of an utterance is silent again; between the two
            it stays what it was (silero-vad's iterator uses threshold - 0.15).
        onset: Voiced time, within twice that time, that starts an utterance.
        pause: Silence after which work may start in the hope that the utterance is over. Each time that
            hope fails within an utterance, the next pause has to be half as long again, up to 0.3 s:
            that bounds the work which is thrown away.
        silence: Silence that ends the utterance.
        preroll: Sound before the first voiced frame that belongs to the utterance.
        min_speech: Voiced time below which what was heard is not worth transcribing.
        max_utterance: Length at which an utterance is ended by force.
    """

    threshold: float = 0.5
    release: float = 0.35
    onset: float = 0.06
    pause: float = 0.08
    silence: float = 0.7
    preroll: float = 0.3
    min_speech: float = 0.1
    max_utterance: float = 30.0


class Endpointer:
    """Fed one 10 ms frame after another; see `knik.audio.speech_events` for what comes out."""

    def __init__(self, config: EndpointerConfig) -> None:
        self._config = config
        self._onset_frames = max(1, round(config.onset * SAMPLE_RATE / FRAME_SAMPLES))
        self._recent: deque[bool] = deque(maxlen=2 * self._onset_frames)
        self._voiced = False
        self._start: int | None = None
        self._held = False
        self._expected = False
        self._hurried = False
        self._peak = 0.0
        self._fallen: int | None = None
        self._paused = False
        self._speech_end = 0
        self._voiced_samples = 0
        self._floor = 0
        self._silence = config.silence
        self._pause = config.pause

    @property
    def in_utterance(self) -> bool:
        """True between `SpeechStarted` and the utterance's end."""
        return self._start is not None

    def step(self, probability: float, end: int) -> tuple[SpeechEvent, ...]:
        """Take the judgement of the frame that ends before sample `end`."""
        config = self._config
        self._peak = max(self._peak, probability)
        if self._hurried and (self._fallen is None or end < self._fallen + FALL_SAMPLES):
            self._voiced = probability >= max(config.release, self._peak - FALL)
        else:
            self._voiced = probability >= (config.release if self._voiced else config.threshold)
        if self._start is None:
            return self._wait_for_onset(end)
        if self._voiced:
            self._speech_end = end
            self._voiced_samples += FRAME_SAMPLES
        if end - self._start >= config.max_utterance * SAMPLE_RATE:
            return self._cut_off(self._start, end)
        if self._held:
            return ()
        return self._follow(self._start, end)

    def _wait_for_onset(self, end: int) -> tuple[SpeechEvent, ...]:
        self._recent.append(self._voiced)
        if not self._voiced or sum(self._recent) < self._onset_frames:
            return ()
        frames = len(self._recent) - self._recent.index(True)
        voiced_from = end - frames * FRAME_SAMPLES
        preroll = round(self._config.preroll * SAMPLE_RATE)
        self._begin(max(self._floor, voiced_from - preroll), end, sum(self._recent))
        assert self._start is not None
        return (SpeechStarted(end, self._start),)

    def _begin(self, start: int, end: int, voiced_frames: int) -> None:
        self._start, self._speech_end = start, end
        self._voiced_samples = voiced_frames * FRAME_SAMPLES
        self._peak, self._fallen = 0.0, None
        self._paused = self._hurried = False
        self._silence, self._pause = self._config.silence, self._config.pause
        self._recent.clear()

    def _cut_off(self, start: int, end: int) -> tuple[SpeechEvent, ...]:
        """End an utterance that is too long. Who then presses the key wants to end it, too."""
        self._expected = self._held
        return self.force_end(end) if self._held else (self._end(start, end, forced=True),)

    def _follow(self, start: int, end: int) -> tuple[SpeechEvent, ...]:
        config = self._config
        silence = (end - self._speech_end) / SAMPLE_RATE
        if self._paused and self._voiced:
            self._paused = self._hurried = False
            self._silence = config.silence
            self._pause = max(config.pause, min(LONGEST_PAUSE, PAUSE_GROWTH * self._pause))
            return (SpeechResumed(end),)
        if silence >= self._silence:
            if self._is_brief():
                self._finish(end)
                return (SpeechRejected(end),)
            return (self._end(start, end, forced=False),)
        if not self._paused and silence >= self._pause:
            self._paused = True
            self._fallen = end
            return (SpeechPaused(end, self._speech_end, brief=self._is_brief()),)
        return ()

    def _is_brief(self) -> bool:
        return self._voiced_samples < self._config.min_speech * SAMPLE_RATE

    def _end(self, start: int, end: int, *, forced: bool) -> UtteranceEnded:
        speech_end = self._speech_end
        self._finish(end)
        return UtteranceEnded(end, start, speech_end, forced)

    def _finish(self, end: int) -> None:
        self._start, self._held, self._hurried, self._floor = None, False, False, end
        self._recent.clear()

    def wait(self, silence: float) -> None:
        """End the utterance in the present pause after so many seconds of silence, counted from the last
        speech; the next pause is weighed anew. Without a pause it does nothing."""
        if self._paused:
            self._silence = silence

    def hurry(self) -> None:
        """Take the first sign of silence in the utterance for a pause: somebody waits for its words."""
        if self._start is None:
            return
        self._hurried, self._fallen = True, None
        self._pause = FRAME_SAMPLES / SAMPLE_RATE

    def reset(self) -> None:
        """Forget the utterance that goes on."""
        self._start, self._held, self._hurried = None, False, False
        self._recent.clear()

    def force_start(self, at: int) -> tuple[SpeechEvent, ...]:
        """Start an utterance at sample `at` and hold it until `force_end` (push-to-talk); nothing after one
        that was cut off, which the key was meant to end."""
        if self._start is not None or self._expected:
            self._expected = False
            return ()
        self._begin(at, at, 0)
        self._held = True
        return (SpeechStarted(at, at),)

    def force_end(self, at: int) -> tuple[SpeechEvent, ...]:
        """End the utterance that goes on at sample `at`."""
        if self._start is None:
            return ()
        self._speech_end = at
        return (self._end(self._start, at, forced=True),)
