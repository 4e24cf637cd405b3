"""Recording what is heard and played, when the user asks for it."""

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.audio.device import CaptureCallback, PlaybackCallback
from knik.audio.frames import Samples
from knik.audio.recorder import RecordingDevice
from knik.errors import KnikError

RATE_IN, RATE_OUT = 16_000, 48_000


class HandDevice:
    """A device whose callbacks a test calls."""

    name = "by hand"
    capture_rate = RATE_IN
    playback_rate = RATE_OUT
    stopped = False

    def start(self, capture: CaptureCallback, playback: PlaybackCallback) -> None:
        self.capture, self.playback = capture, playback

    def stop(self) -> None:
        self.stopped = True

    def rest_speaker(self, rests: bool) -> None:
        raise AssertionError("the files would run apart")

    def stream_time(self) -> float:
        return 7.0


def hear(device: HandDevice, blocks: int) -> None:
    for number in range(blocks):
        device.capture(np.full(160, 0.001 * number, np.float32), number * 0.01, False)
        device.playback(np.zeros(480, np.float32), number * 0.01, False)


def answer(out: Samples, at: float, underflow: bool) -> None:
    out.fill(0.5)


def test_both_sides_are_recorded_completely_and_passed_on(tmp_path: Path) -> None:
    device = HandDevice()
    recording = RecordingDevice(device, tmp_path / "new" / "folder")
    heard: list[Samples] = []
    recording.start(lambda block, *_: heard.append(block), answer)
    hear(device, 150)
    recording.stop()
    assert device.stopped
    assert len(heard) == 150
    microphone, rate_in = soundfile.read(tmp_path / "new/folder/microphone.wav", dtype="float32")
    speaker, rate_out = soundfile.read(tmp_path / "new/folder/speaker.wav", dtype="float32")
    assert (rate_in, rate_out) == (RATE_IN, RATE_OUT)
    assert np.allclose(microphone, np.repeat(np.arange(150) * 0.001, 160), atol=1e-4)
    assert speaker.size == 150 * 480
    assert np.allclose(speaker, 0.5, atol=1e-4)
    assert (recording.name, recording.stream_time()) == ("by hand", 7.0)


def test_a_microphone_that_is_exchanged_for_one_of_another_rate_keeps_its_pitch(tmp_path: Path) -> None:
    device = HandDevice()
    recording = RecordingDevice(device, tmp_path)
    recording.start(lambda *_: None, answer)
    for rate in (RATE_IN, 48_000):
        device.capture_rate = rate
        tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
        for block in np.split(tone, 100):
            device.capture(block, 0.0, False)
    recording.stop()
    samples, rate = soundfile.read(tmp_path / "microphone.wav", dtype="float32")
    assert rate == RATE_IN
    assert samples.size == pytest.approx(2 * RATE_IN, abs=0.05 * RATE_IN)
    spectrum = np.abs(np.fft.rfft(samples[RATE_IN:] * np.hanning(samples.size - RATE_IN)))
    assert np.argmax(spectrum) * RATE_IN / (samples.size - RATE_IN) == pytest.approx(440, abs=5)


def test_an_older_recording_is_never_overwritten(tmp_path: Path) -> None:
    for _ in range(3):
        device = HandDevice()
        recording = RecordingDevice(device, tmp_path)
        recording.start(lambda *_: None, answer)
        hear(device, 10)
        recording.stop()
    names = {path.name for path in tmp_path.iterdir()}
    assert {"microphone.wav", "microphone-2.wav", "microphone-3.wav"} <= names
    assert all(soundfile.info(path).frames for path in tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KnikError, match=r"file/folder: cannot be made"):
        RecordingDevice(HandDevice(), tmp_path / "file" / "folder")


def test_a_full_disk_ends_the_recording_with_a_notice_and_not_the_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: soundfile.SoundFile, data: Samples) -> None:
        raise soundfile.LibsndfileError(2)  # what libsndfile says of a write that failed

    device, told, noticed = HandDevice(), threading.Event(), list[str]()

    def notice(text: str) -> None:
        noticed.append(text)
        told.set()

    recording = RecordingDevice(device, tmp_path, notice)
    heard: list[Samples] = []
    recording.start(lambda block, *_: heard.append(block), answer)
    monkeypatch.setattr(soundfile.SoundFile, "write", full)
    hear(device, 10)
    assert told.wait(10)
    hear(device, 10)
    recording.stop()
    assert len(heard) == 20
    assert len(noticed) == 1
    assert "disk full" in noticed[0]
