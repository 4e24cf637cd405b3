"""A whole session's device made of files."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.audio.frames import SAMPLE_RATE, Samples
from knik.audio.wavfile import PLAYBACK_RATE, WavDevice, read_audio
from knik.errors import KnikError
from tests.rig.voices import SPEECH

PATIENCE = 10.0


def tone(rate: int, seconds: float = 1.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


class Session:
    """The callbacks, which keep what they get; `heard` and `ended` tell when to look."""

    def __init__(self, answer: float = 0.25) -> None:
        self.blocks: list[tuple[Samples, float]] = []
        self.ended_after: int | None = None
        self.ended = threading.Event()
        self.errors: list[Exception] = []
        self.failed = threading.Event()
        self._answer = answer

    def capture(self, block: Samples, at: float, overflow: bool) -> None:
        self.blocks.append((block.copy(), at))

    def playback(self, out: Samples, at: float, underflow: bool) -> None:
        out.fill(self._answer)

    def input_end(self) -> None:
        self.ended_after = len(self.blocks)
        self.ended.set()

    def error(self, error: Exception) -> None:
        self.errors.append(error)
        self.failed.set()


def run(device: WavDevice, session: Session) -> None:
    device.start(session.capture, session.playback)
    try:
        assert session.ended.wait(PATIENCE)
    finally:
        device.stop()


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_of_any_rate_and_channels_comes_at_16_khz(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "in.wav"
    soundfile.write(path, np.repeat(tone(rate)[:, np.newaxis], channels, axis=1), rate, "FLOAT")
    session = Session()
    run(WavDevice(path, None, on_input_end=session.input_end), session)
    heard = np.concatenate([block for block, _ in session.blocks[: session.ended_after]])
    assert heard.size == SAMPLE_RATE
    middle = slice(1_600, -1_600)
    assert np.allclose(heard[middle], tone(SAMPLE_RATE)[middle], atol=0.01)
    assert all(block.size == 160 and block.dtype == np.float32 for block, _ in session.blocks)


def test_stream_time_counts_the_samples(tmp_path: Path) -> None:
    session = Session()
    device = WavDevice(SPEECH / "cards/001.wav", None, on_input_end=session.input_end)
    run(device, session)
    times = [at for _, at in session.blocks]
    assert np.allclose(times, np.arange(len(times)) * 0.01)
    assert device.stream_time() == pytest.approx(len(times) * 0.01)


def test_silence_follows_the_recording_until_stop(tmp_path: Path) -> None:
    session = Session()
    enough = threading.Event()

    def settle() -> None:
        if session.ended_after is not None and len(session.blocks) > session.ended_after + 50:
            enough.set()

    device = WavDevice(SPEECH / "cards/001.wav", None, settle=settle, on_input_end=session.input_end)
    device.start(session.capture, session.playback)
    assert enough.wait(PATIENCE)
    device.stop()
    count = len(session.blocks)
    assert not np.any(np.concatenate([block for block, _ in session.blocks[session.ended_after :]]))
    assert not [thread for thread in threading.enumerate() if thread.name == "audio file"]
    assert len(session.blocks) == count


def test_the_next_block_waits_until_everything_is_settled() -> None:
    session = Session()
    turns: list[int] = []
    device = WavDevice(
        SPEECH / "cards/001.wav",
        None,
        settle=lambda: turns.append(len(session.blocks)),
        on_input_end=session.input_end,
    )
    run(device, session)
    assert turns[:100] == list(range(100))


def test_what_the_speaker_plays_is_written_as_long_as_the_session(tmp_path: Path) -> None:
    session = Session(answer=0.25)
    device = WavDevice(SPEECH / "cards/001.wav", tmp_path / "out.wav", on_input_end=session.input_end)
    run(device, session)
    samples, rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert rate == device.playback_rate == PLAYBACK_RATE
    assert samples.size == len(session.blocks) * PLAYBACK_RATE // 100
    assert np.allclose(samples, 0.25, atol=1e-4)


def test_a_killed_session_leaves_a_file_that_can_be_played(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    program = f"""
import sys
from pathlib import Path
from knik.audio.wavfile import WavDevice
played = 0
def play(out, at, underflow):
    global played
    played += 1
    out.fill(0.25)
    if played == 200:
        print("now", flush=True)
device = WavDevice(None, Path({str(path)!r}), settle=lambda: played < 200 or sys.stdin.read())
device.start(lambda *_: None, play)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    with process.stdout, process.stdin:
        assert process.stdout.readline() == "now\n"
        process.kill()
        process.wait(PATIENCE)
    assert soundfile.info(path).duration == pytest.approx(2.0, abs=0.02)


def test_stop_does_not_wait_for_a_session_that_never_settles(tmp_path: Path) -> None:
    session = Session()
    release = threading.Event()
    device = WavDevice(None, tmp_path / "out.wav", settle=lambda: bool(release.wait(PATIENCE)))
    device.start(session.capture, session.playback)
    device.stop()
    assert session.blocks == []
    release.set()
    for thread in threading.enumerate():
        if thread.name == "audio file":
            thread.join(PATIENCE)
    assert session.errors == []
    assert soundfile.info(tmp_path / "out.wav").samplerate == PLAYBACK_RATE


def test_stopping_a_device_that_never_started_closes_its_file(tmp_path: Path) -> None:
    device = WavDevice(None, tmp_path / "out.wav")
    device.stop()
    device.stop()
    assert soundfile.info(tmp_path / "out.wav").frames == 0


def test_a_callback_that_fails_is_handed_to_the_owner() -> None:
    session = Session()

    def fail(block: Samples, at: float, overflow: bool) -> None:
        raise ValueError("the ears hurt")

    device = WavDevice(None, None, on_error=session.error)
    device.start(fail, session.playback)
    assert session.failed.wait(PATIENCE)
    device.stop()
    assert [str(error) for error in session.errors] == ["the ears hurt"]


def write_nothing(path: Path) -> None:
    path.touch()


def write_no_samples(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.float32), 16_000)


def write_text(path: Path) -> None:
    path.write_text("This is no sound at all.\n" * 100)


def write_half_a_header(path: Path) -> None:
    path.write_bytes((SPEECH / "cards/001.wav").read_bytes()[:20])


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [write_nothing, write_no_samples, write_text, write_half_a_header, make_folder, lambda _: None]
)
def test_what_is_no_recording_is_named(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "broken.wav"
    spoil(path)
    with pytest.raises(KnikError, match=r"broken\.wav: .*\.") as raised:
        WavDevice(path, None)
    assert raised.value.remedy
    assert "\n" not in raised.value.message


def test_a_recording_cut_off_in_the_middle_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = (SPEECH / "cards/001.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    heard = read_audio(tmp_path / "cut.wav")
    assert np.array_equal(heard, read_audio(SPEECH / "cards/001.wav")[: heard.size])
    assert heard.size > 4_000


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    spoiled = tone(SAMPLE_RATE)
    spoiled[100], spoiled[200], spoiled[300] = np.nan, np.inf, -np.inf
    soundfile.write(tmp_path / "nan.wav", spoiled, SAMPLE_RATE, "FLOAT")
    assert np.all(np.isfinite(read_audio(tmp_path / "nan.wav")))
    assert np.max(np.abs(read_audio(tmp_path / "nan.wav"))) <= 1.0


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnikError, match=r"out\.wav: cannot be written"):
        WavDevice(None, tmp_path / "missing" / "out.wav")
