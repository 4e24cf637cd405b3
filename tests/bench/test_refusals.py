"""What `knik bench` refuses, in words and without a traceback."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.bench.references import recordings
from knik.bench.regression import load_run
from knik.errors import KnikError
from tests.bench.test_command import asked, bench
from tests.rig.micro.models import WHISPER, environment

__all__ = ["asked"]


def test_a_manifest_in_another_encoding_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(160, np.float32), 16_000)
    (tmp_path / "m.csv").write_bytes("path,text\na.wav,caf\xe9\n".encode("latin-1"))
    with pytest.raises(KnikError, match=r"m\.csv: cannot be read"):
        recordings(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", '{"files": []}', "no JSON"])
def test_what_is_no_run_is_not_compared_with(tmp_path: Path, content: str) -> None:
    path = tmp_path / "old.json"
    path.write_text(content)
    with pytest.raises(KnikError, match=r"old\.json"):
        load_run(path, "stt")


def test_runs_of_different_modes_are_not_compared(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"mode": "turn", "stages": {}, "files": []}))
    assert load_run(path, "turn")["mode"] == "turn"
    with pytest.raises(KnikError, match="a run of turn, not of stt") as error:
        load_run(path, "stt")
    assert error.value.exit_code == 2


def test_a_folder_of_broken_files_says_what_is_wrong_with_them(tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    done = bench(str(tmp_path))
    assert done.returncode == 1
    assert "Nothing was measured." in done.stderr
    assert "broken.wav" in done.stderr.replace("\n", "")


def test_an_engine_that_took_the_place_of_a_missing_model_is_named(asked: Path) -> None:
    env = environment() | {"KNIK_STT_ENGINE": "auto"}
    done = bench(str(asked), "--limit", "1", "--matrix", f"stt={WHISPER},nosuch", "--json", **env)
    assert done.returncode == 0, done.stderr
    found = [row["engines"] for row in json.loads(done.stdout)["conditions"]]
    assert found == [{"stt": "faster-whisper"}, {"stt": "PocketSphinx"}]


def test_a_silent_interruption_is_skipped(asked: Path) -> None:
    soundfile.write(asked / "1.wav", np.zeros(16_000, np.float32), 16_000)
    done = bench(str(asked), "--mode", "barge-in", **environment())
    assert done.returncode == 1
    assert "is silent" in done.stderr
