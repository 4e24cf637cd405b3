"""Records what a device hears and plays, when the user asks for it."""

import threading
from collections.abc import Callable
from pathlib import Path

import soundfile

from knik.audio.device import AudioDevice, CaptureCallback, PlaybackCallback
from knik.audio.frames import Samples
from knik.audio.ring import Ring
from knik.errors import KnikError

WRITE_EVERY = 0.25
RING_SECONDS = 4


class RecordingDevice:
    """Another device, with its sound also written to microphone.wav and speaker.wav in a folder.

    The callbacks only copy into rings; a thread writes them to disk four times a second, so a crash
    loses at most that much.

    Args:
        device: What is recorded.
        folder: Where to; it is made.
        on_notice: Told, in words for the user, when recording had to end early; the recorder's thread.

    Raises:
        KnikError: The files cannot be made.
    """

    def __init__(
        self, device: AudioDevice, folder: Path, on_notice: Callable[[str], None] = lambda _: None
    ) -> None:
        self._device = device
        self._folder = folder
        self._on_notice = on_notice
        self._stopping = threading.Event()
        self._files: list[tuple[Ring, soundfile.SoundFile]] = []
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KnikError(
                f"{folder}: cannot be made ({error.strerror}).", "Choose another: --record"
            ) from error

    @property
    def name(self) -> str:
        """The device's own name."""
        return self._device.name

    @property
    def capture_rate(self) -> int:
        """The device's own."""
        return self._device.capture_rate

    @property
    def playback_rate(self) -> int:
        """The device's own."""
        return self._device.playback_rate

    def stream_time(self) -> float:
        """The device's own."""
        return self._device.stream_time()

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        """Start the device and the recording."""
        heard: list[Ring] = []
        played: list[Ring] = []

        def on_capture(block: Samples, at: float, overflow: bool) -> None:
            for ring in heard:
                ring.write(block)
            capture(block, at, overflow)

        def on_playback(out: Samples, at: float, underflow: bool) -> None:
            playback(out, at, underflow)
            for ring in played:
                ring.write(out)

        self._device.start(on_capture, on_playback)
        heard.append(self._open("microphone.wav", self.capture_rate))
        played.append(self._open("speaker.wav", self.playback_rate))
        self._thread.start()

    def stop(self) -> None:
        """Stop the device and finish the files."""
        self._device.stop()
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(1.0)

    def _open(self, name: str, rate: int) -> Ring:
        path = _free_name(self._folder / name)
        try:
            file = soundfile.SoundFile(path, "x", rate, 1, "PCM_16")
        except (soundfile.LibsndfileError, OSError) as error:
            raise KnikError(
                f"{path}: cannot be written ({error}).", "Choose another folder: --record"
            ) from error
        ring = Ring(RING_SECONDS * rate)
        self._files.append((ring, file))
        return ring

    def _run(self) -> None:
        try:
            while not self._stopping.wait(WRITE_EVERY):
                self._write()
            self._write()
        except (soundfile.LibsndfileError, OSError) as error:
            self._on_notice(f"Recording ended, {self._folder} cannot be written ({error}). Is the disk full?")
        finally:
            for _, file in self._files:
                file.close()

    def _write(self) -> None:
        for ring, file in self._files:
            file.write(ring.read(ring.readable))
            file.flush()


def _free_name(path: Path) -> Path:
    """The path itself, or with the first free number: nothing of the user's is overwritten."""
    number = 1
    candidate = path
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate
