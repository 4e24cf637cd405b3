"""Where references come from."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.bench.references import recordings
from knik.errors import KnikError


def wav(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(160, np.float32), 16_000)
    return path


def found(folder: Path) -> dict[str, str | None]:
    return {recording.path.name: recording.reference for recording in recordings(folder)}


def test_a_text_beside_the_recording_is_its_reference(tmp_path: Path) -> None:
    wav(tmp_path / "b.wav")
    wav(tmp_path / "deep" / "a.flac").with_suffix(".txt").write_text("hello\n")
    assert found(tmp_path) == {"b.wav": None, "a.flac": "hello"}


def test_librispeechs_lists_are_read(tmp_path: Path) -> None:
    wav(tmp_path / "84" / "84-1-0000.flac")
    (tmp_path / "84" / "84-1.trans.txt").write_text("84-1-0000 GO ON\n84-1-0001 NO\n")
    assert found(tmp_path) == {"84-1-0000.flac": "GO ON"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("manifest.jsonl", '{"audio_filepath": "x/a.wav", "text": "one"}\n\n'),
        ("validated.csv", "path,sentence\nx/a.wav,one\n"),
    ],
)
def test_manifests_are_read(tmp_path: Path, name: str, content: str) -> None:
    wav(tmp_path / "x" / "a.wav")
    (tmp_path / name).write_text(content)
    assert found(tmp_path) == {"a.wav": "one"}


@pytest.mark.parametrize("content", ["{", "[1]\n", '{"text": "no path"}\n'])
def test_a_broken_manifest_is_named_with_its_line(tmp_path: Path, content: str) -> None:
    wav(tmp_path / "a.wav")
    (tmp_path / "m.jsonl").write_text(content)
    with pytest.raises(KnikError, match=r"m\.jsonl, line 1"):
        recordings(tmp_path)


def test_a_single_file_will_do_and_an_empty_or_missing_folder_will_not(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav")
    assert [recording.path for recording in recordings(path)] == [path]
    (tmp_path / "empty").mkdir()
    for place in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(KnikError) as error:
            recordings(place)
        assert error.value.exit_code == 2
