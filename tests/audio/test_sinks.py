"""Files and pipes that speech is written to."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.audio.sinks import FileSink, PipeSink
from knik.errors import KnikError

RATE = 24_000
SOUND = (0.5 * np.sin(np.arange(RATE) / 20)).astype(np.float32)


@pytest.mark.parametrize("ending", [".wav", ".flac", ".ogg", ".WAV"])
def test_a_file_holds_what_was_written_in_the_format_of_its_name(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    with FileSink(path, RATE) as sink:
        for block in np.split(SOUND, 10):
            sink.write(block)
    samples, rate = soundfile.read(path, dtype="float32")
    assert (samples.size, rate) == (RATE, RATE)
    assert soundfile.info(path).format == ending[1:].upper()
    assert np.sqrt(np.mean(np.square(samples - SOUND))) < 0.01


def test_too_loud_is_clipped_and_does_not_wrap_around(tmp_path: Path) -> None:
    with FileSink(tmp_path / "out.wav", RATE) as sink:
        sink.write(np.array([2.0, -2.0], np.float32))
    samples, _ = soundfile.read(tmp_path / "out.wav")
    assert samples[0] > 0.99
    assert samples[1] < -0.99


def test_a_failure_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"what was there")

    def fail() -> None:
        with FileSink(path, RATE) as sink:
            sink.write(SOUND)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"what was there"


def test_ctrl_c_keeps_what_was_spoken_so_far_beside_the_file_that_it_would_replace(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(b"an older recording")

    def interrupt() -> None:
        with FileSink(path, RATE) as sink:
            sink.write(SOUND)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert path.read_bytes() == b"an older recording"
    assert soundfile.info(path.with_name("out.wav.part")).frames == RATE


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.mp4", r"out\.mp4: knik writes \.wav, \.flac, \.ogg, not \.mp4"),
        ("out", "not files without an ending"),
        ("missing/out.wav", r"missing/out\.wav: cannot be written"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(KnikError, match=message):
        FileSink(tmp_path / name, RATE)


def test_a_pipe_carries_a_wav_that_is_readable_from_its_first_block() -> None:
    pipe = io.BytesIO()
    sink = PipeSink(pipe, RATE)
    sink.write(SOUND)
    sink.close()
    pipe.seek(0)
    samples, rate = soundfile.read(pipe, dtype="float32")
    assert rate == RATE
    assert np.allclose(samples, SOUND, atol=1e-4)
