"""Records what a device hears and plays, when the user asks for it."""

import threading
from collections.abc import Callable
from pathlib import Path

import soundfile

from knik.audio.device import AudioDevice, CaptureCallback, PlaybackCallback
from knik.audio.frames import Samples
from knik.audio.resample import StreamResampler
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
        self._tracks: list[_Track] = []
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

    def rest_speaker(self, rests: bool) -> None:
        """Never: both files go on together."""

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        """Start the device and the recording."""
        heard: list[_Track] = []
        played: list[_Track] = []

        def on_capture(block: Samples, at: float, overflow: bool) -> None:
            for track in heard:
                track.take(block, self.capture_rate)
            capture(block, at, overflow)

        def on_playback(out: Samples, at: float, underflow: bool) -> None:
            playback(out, at, underflow)
            for track in played:
                track.take(out, self.playback_rate)

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

    def _open(self, name: str, rate: int) -> "_Track":
        path = _free_name(self._folder / name)
        try:
            file = soundfile.SoundFile(path, "x", rate, 1, "PCM_16")
        except (soundfile.LibsndfileError, OSError) as error:
            raise KnikError(
                f"{path}: cannot be written ({error}).", "Choose another folder: --record"
            ) from error
        track = _Track(file, rate)
        self._tracks.append(track)
        return track

    def _run(self) -> None:
        try:
            while not self._stopping.wait(WRITE_EVERY):
                self._write()
            self._write()
        except (soundfile.LibsndfileError, OSError) as error:
            self._on_notice(f"Recording ended, {self._folder} cannot be written ({error}). Is the disk full?")
        finally:
            for track in self._tracks:
                track.file.close()

    def _write(self) -> None:
        for track in self._tracks:
            track.file.write(track.ring.read(track.ring.readable))
            track.file.flush()


class _Track:
    """A file and the samples on their way to it, all at the rate at which the recording began."""

    def __init__(self, file: soundfile.SoundFile, rate: int) -> None:
        self.file = file
        self.ring = Ring(RING_SECONDS * rate)
        self._rate = self._taken_rate = rate
        self._resampler = StreamResampler(rate, rate)

    def take(self, block: Samples, rate: int) -> None:
        """Take a block of shape (n,) in its callback; another rate means another device."""
        if rate != self._taken_rate:
            self._taken_rate, self._resampler = rate, StreamResampler(rate, self._rate)
        self.ring.write(self._resampler.process(block))


def _free_name(path: Path) -> Path:
    """The path itself, or with the first free number: nothing of the user's is overwritten."""
    number = 1
    candidate = path
    while candidate.exists():
        number += 1
        candidate = path.with_stem(f"{path.stem}-{number}")
    return candidate
