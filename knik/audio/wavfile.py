"""A recording as microphone and another as speaker."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from knik.audio.device import CaptureCallback, PlaybackCallback
from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.resample import resample, to_mono
from knik.errors import KnikError

PLAYBACK_RATE = 24_000
"""Hz of the recording of the speaker: Kokoro's own."""

BLOCK_SECONDS = 0.01


def read_audio(path: Path, rate: int = SAMPLE_RATE) -> Samples:
    """Read a sound file of any format, rate and number of channels as mono samples at `rate`.

    Raises:
        KnikError: The file is missing, empty, or no sound that libsndfile can read.
    """
    try:
        samples, file_rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        reason = "there is no such file" if not path.exists() else str(error).rstrip(".")
        raise KnikError(
            f"{path}: cannot be read as sound ({reason}).", "Give a WAV, FLAC, OGG or MP3 file."
        ) from error
    if not samples.size:
        raise KnikError(f"{path}: the file holds no sound.", "Record it again.")
    mono = np.nan_to_num(to_mono(samples), posinf=0.0, neginf=0.0)
    return resample(mono, file_rate, rate)


class WavDevice:
    """Feeds a recording to the microphone's callback and writes what the speaker would play.

    Args:
        input: The recording; None is silence.
        output: The WAV to write, 24 kHz 16-bit mono; None writes nothing. It is written block by
            block; a crash leaves the samples, and the length in the header to be mended.
        lead: Seconds of silence before the recording.
        realtime: Wait for the clock between blocks instead of for `settle`.
        settle: Blocks until everything that the last block set off is done.
        on_input_end: Called once, when the recording is over; silence follows until `stop`.
        on_error: Called when the driving thread fails.

    Raises:
        KnikError: The input cannot be read or the output not be written.
    """

    def __init__(
        self,
        input: Path | None,
        output: Path | None,
        *,
        lead: float = 0.0,
        realtime: bool = False,
        settle: Callable[[], None] = lambda: None,
        on_input_end: Callable[[], None] = lambda: None,
        on_error: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        recording = read_audio(input) if input is not None else np.zeros(0, np.float32)
        self._samples = np.concatenate([np.zeros(round(lead * SAMPLE_RATE), np.float32), recording])
        self.seconds = recording.size / SAMPLE_RATE
        """Length of the recording."""
        self._output = _open_output(output) if output is not None else None
        self._names = [str(path) for path in (input, output) if path is not None]
        self._realtime = realtime
        self._settle = settle
        self._on_input_end = on_input_end
        self._on_error = on_error
        self._blocks = 0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """The files, input first."""
        return " → ".join(self._names)

    @property
    def capture_rate(self) -> int:
        """16 kHz: the recording was resampled when it was read."""
        return SAMPLE_RATE

    @property
    def playback_rate(self) -> int:
        """Hz of the output file."""
        return PLAYBACK_RATE

    def stream_time(self) -> float:
        """Seconds fed so far."""
        return self._blocks * BLOCK_SECONDS

    def rest_speaker(self, rests: bool) -> None:
        """A file goes on."""

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        """Start the thread that feeds the callbacks."""
        self._thread = threading.Thread(
            target=self._run, args=(capture, playback), name="audio file", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """End the thread, which closes the output; a second call does nothing."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(0.3)
        elif self._output is not None:
            self._output.close()

    def _run(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        try:
            self._feed(capture, playback)
        except soundfile.LibsndfileError as error:
            self._on_error(KnikError(f"{self._names[-1]}: writing failed ({error}).", "Is the disk full?"))
        except Exception as error:  # noqa: BLE001 - surfaced by the session
            self._on_error(error)
        finally:
            if self._output is not None:
                self._output.close()

    def _feed(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        size = round(BLOCK_SECONDS * SAMPLE_RATE)
        out = np.zeros(round(BLOCK_SECONDS * PLAYBACK_RATE), np.float32)
        started = time.monotonic()
        ended = False
        self._settle()
        while not self._stopping.is_set():
            at = self.stream_time()
            start = self._blocks * size
            block = np.zeros(size, np.float32)
            part = self._samples[start : start + size]
            block[: part.size] = part
            capture(block, at, False)
            playback(out, at, False)
            if self._output is not None:
                self._output.write(out)
            self._blocks += 1
            if not ended and start + size >= self._samples.size:
                ended = True
                self._on_input_end()
            if self._realtime:
                self._stopping.wait(max(0.0, started + self.stream_time() - time.monotonic()))
            else:
                self._settle()


def _open_output(path: Path) -> soundfile.SoundFile:
    try:
        return soundfile.SoundFile(path, "w", PLAYBACK_RATE, 1, "PCM_16", format="WAV")
    except (soundfile.LibsndfileError, OSError) as error:
        raise KnikError(
            f"{path}: cannot be written ({str(error).rstrip('.')}).",
            "Give a path in a folder that exists and that you may write to.",
        ) from error
