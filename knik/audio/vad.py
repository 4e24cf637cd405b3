"""Voice activity detection: how likely a frame is speech."""

import importlib.util
from collections import deque
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.level import level_db
from knik.errors import KnikError

SILERO_STEP = 512
"""Samples that Silero judges at once: 32 ms (github.com/snakers4/silero-vad)."""

SILERO_CONTEXT = 64
"""Samples of the step before that Silero sees again."""

GATE_HOLD = 50
"""Frames (0.5 s) for which the gate stays open after its last voiced frame."""

FLOOR_DB = -70.0
"""Level below which nothing is worth a look: the noise of a good microphone in a quiet room."""


class Vad(Protocol):
    """Judges 10 ms frames at 16 kHz."""

    def probability(self, frame: Samples) -> float:
        """How likely the frame, shape (160,), is speech: 0 to 1."""
        ...


class WebrtcVad:
    """The WebRTC project's detector: two Gaussian mixtures a band, about a microsecond a frame.

    Args:
        aggressiveness: 0 (takes much for speech) to 3 (takes little).
    """

    def __init__(self, aggressiveness: int = 2) -> None:
        import webrtcvad

        self._vad = webrtcvad.Vad(aggressiveness)

    def probability(self, frame: Samples) -> float:
        """1.0 for speech, 0.0 for anything else."""
        pcm = (np.clip(frame, -1.0, 1.0) * 32767).astype("<i2").tobytes()
        return float(self._vad.is_speech(pcm, SAMPLE_RATE))


class SileroVad:
    """Silero's recurrent network, as it comes inside the faster-whisper wheel (version 6).

    It judges steps of 512 samples, so a frame gets the judgement of the newest whole step.
    Raises `KnikError` when the model file is missing.
    """

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            str(_silero_path()), options, providers=["CPUExecutionProvider"]
        )
        self._state = [np.zeros((1, 1, 128), np.float32) for _ in range(2)]
        self._context = np.zeros(SILERO_CONTEXT, np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._probability = 0.0
        self.runs = 0
        """Steps judged so far."""

    def probability(self, frame: Samples) -> float:
        """The judgement of the newest whole step."""
        self._waiting = np.concatenate([self._waiting, frame])
        while self._waiting.size >= SILERO_STEP:
            step, self._waiting = np.split(self._waiting, [SILERO_STEP])
            self._judge(step)
        return self._probability

    def _judge(self, step: Samples) -> None:
        window = np.concatenate([self._context, step])[np.newaxis]
        inputs = {"input": window, "h": self._state[0], "c": self._state[1]}
        output, *self._state = self._session.run(None, inputs)
        self._context = step[-SILERO_CONTEXT:]
        self._probability = float(output.reshape(-1)[0])
        self.runs += 1


def _silero_path() -> Path:
    spec = importlib.util.find_spec("faster_whisper")
    if spec is not None and spec.origin is not None:
        for path in sorted(Path(spec.origin).parent.glob("assets/silero_vad*.onnx"), reverse=True):
            if "encoder" not in path.name and "decoder" not in path.name:
                return path
    raise KnikError(
        "The Silero VAD model, which comes inside faster-whisper, is missing.",
        'Reinstall it (uv sync --reinstall-package faster-whisper) or set engine = "webrtc" in [vad].',
    )


class GatedVad:
    """WebRTC's detector as a cheap gate, Silero for the decision.

    Silero runs only while the gate was open within the last half second; when it opens, Silero first
    hears the frames that it missed, so that its decision is no later than without the gate.
    """

    def __init__(self, gate: Vad, decision: Vad, hold: int = GATE_HOLD) -> None:
        self._gate = gate
        self._decision = decision
        self._hold = hold
        self._missed: deque[Samples] = deque(maxlen=hold)
        self._since_voiced = hold

    def probability(self, frame: Samples) -> float:
        """Silero's judgement, or 0.0 while the gate is closed."""
        if self._is_voiced(frame):
            self._since_voiced = 0
        else:
            self._since_voiced += 1
        if self._since_voiced >= self._hold:
            self._missed.append(frame)
            return 0.0
        while self._missed:
            self._decision.probability(self._missed.popleft())
        return self._decision.probability(frame)

    def _is_voiced(self, frame: Samples) -> bool:
        return level_db(frame) > FLOOR_DB and self._gate.probability(frame) > 0


def make_vad(engine: Literal["auto", "silero", "webrtc"] = "auto", aggressiveness: int = 2) -> Vad:
    """Build a detector: "auto" gates Silero with WebRTC, the others stand alone."""
    if engine == "webrtc":
        return WebrtcVad(aggressiveness)
    if engine == "silero":
        return SileroVad()
    # The gate must not miss what Silero would take for speech, so it is the lenient one.
    return GatedVad(WebrtcVad(min(aggressiveness, 1)), SileroVad())
