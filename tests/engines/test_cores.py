import os
import subprocess
import sys

import pytest

from knik.engines.cores import compute_threads, physical_cores, share_cores

LIGHT = """
import sys
import knik.engines.faster_whisper, knik.engines.kokoro, knik.engines.llama_cpp, knik.engines.openai
heavy = {"faster_whisper", "ctranslate2", "llama_cpp", "kokoro_onnx", "onnxruntime", "httpx", "jinja2"}
print(" ".join(heavy & set(sys.modules)))
"""


def test_there_is_a_core_and_no_more_than_processors() -> None:
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)


def test_threads_are_as_asked_or_at_most_four() -> None:
    assert compute_threads(7) == 7
    assert compute_threads(0) == min(4, physical_cores())


def test_waiting_threads_sleep_unless_the_user_wants_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    share_cores()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"
    assert "GOMP_SPINCOUNT" not in os.environ
    monkeypatch.delenv("OMP_WAIT_POLICY")
    share_cores()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert 0 < int(os.environ["GOMP_SPINCOUNT"]) < 5000


def test_importing_the_engines_loads_none_of_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")
