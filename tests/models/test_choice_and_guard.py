"""Which model is meant, who may change the folder, and what Hugging Face's tools have settled."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from knik.errors import KnikError
from knik.models import download
from knik.models.catalogue import ModelEntry
from knik.models.choice import choose, chosen, forget, meant
from knik.models.guard import guarded
from knik.models.install import FileProgress, install
from knik.models.locate import locate
from tests.models.flaky_server import DATA, SUM, Server

REVISION = "0" * 40
TOYS = [
    ModelEntry(f"toy{n}", "chat", "MIT", "a toy", "chat", "", (f"toy{n}.gguf",), 1, {f"toy{n}.gguf": SUM})
    for n in range(6)
]


def test_the_model_fetched_last_is_the_one_in_use(server: Server, tmp_path: Path) -> None:
    assert meant("chat", "auto", tmp_path) == "qwen2.5-1.5b"
    for toy in TOYS[:2]:
        install([toy], tmp_path, server.url, FileProgress())
        assert meant("chat", "auto", tmp_path) == toy.name
    assert meant("chat", "toy0", tmp_path) == "toy0"
    choose(tmp_path, {"chat": "toy0"})
    assert locate("chat", "auto", tmp_path) == tmp_path / "chat" / "toy0.gguf"
    forget(tmp_path, "toy0")
    assert meant("chat", "auto", tmp_path) == "qwen2.5-1.5b"


@pytest.mark.parametrize("content", ["", "[]", "{", "\x00"])
def test_a_damaged_choice_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "chosen.json").write_text(content)
    assert chosen(tmp_path) == {}
    choose(tmp_path, {"chat": "toy0"})
    assert chosen(tmp_path) == {"chat": "toy0"}


def test_several_files_come_at_a_time_and_a_failure_keeps_the_others(server: Server, tmp_path: Path) -> None:
    server.slow = 0.01
    paths = install(TOYS, tmp_path, server.url, FileProgress())
    assert all(file.read_bytes() == DATA for files in paths.values() for file in files)
    assert server.most_at_once > 1
    server.missing = {"/chat/late.gguf", "/late/late.gguf", "/late.gguf"}
    late = ModelEntry("late", "chat", "MIT", "", "chat", "", ("late.gguf",), 1)
    with pytest.raises(KnikError, match=r"late\.gguf: the server says 404"):
        install([late, *TOYS], tmp_path, server.url, FileProgress())
    assert meant("chat", "auto", tmp_path) == "toy5"


def test_the_failure_names_the_command_that_goes_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    server.drop_after = [1000, *[0] * 9]
    with pytest.raises(KnikError) as caught:
        install(TOYS[:1], tmp_path, server.url, FileProgress())
    assert "toy0.gguf" in caught.value.message
    assert caught.value.remedy.endswith("goes on where it stopped: knik models download toy0")


def test_a_disk_that_is_too_small_is_told_before_the_first_byte(server: Server, tmp_path: Path) -> None:
    huge = ModelEntry("huge", "chat", "MIT", "", "chat", "", ("huge.gguf",), 10**9)
    with pytest.raises(KnikError, match="are needed"):
        install([huge], tmp_path, server.url, FileProgress())
    assert server.asked == []


def test_a_second_knik_waits_until_the_first_is_done(tmp_path: Path) -> None:
    told, inside = threading.Event(), threading.Event()

    def second() -> None:
        with guarded(tmp_path, told.set):
            inside.set()

    with guarded(tmp_path, lambda: pytest.fail("nobody else is there")):
        other = threading.Thread(target=second)
        other.start()
        assert told.wait(10)
        assert not inside.wait(0.2)
    other.join(10)
    assert inside.is_set()


HOLD = """
import sys
from pathlib import Path
from knik.models.guard import guarded
with guarded(Path(sys.argv[1]), lambda: None):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_a_killed_knik_is_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        holder.wait()
    with guarded(tmp_path, lambda: pytest.fail("a dead process holds the lock")):
        pass


def test_a_file_of_hugging_faces_cache_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hub"
    snapshot = cache / "models--a--b" / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    (snapshot / "toy.gguf").write_bytes(DATA)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    base = f"https://huggingface.co/a/b/resolve/{REVISION}/"
    entry = ModelEntry("toy", "chat", "MIT", "", "chat", base, ("toy.gguf",), 1, {"toy.gguf": SUM})
    (path,) = install([entry], tmp_path / "models", "", FileProgress())["toy"]
    assert path.read_bytes() == DATA
    (snapshot / "toy.gguf").unlink()
    assert path.read_bytes() == DATA


def test_offline_mode_forbids_the_network_and_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    entry = ModelEntry("toy", "chat", "MIT", "", "chat", server.url, ("toy.gguf",), 1)
    with pytest.raises(KnikError, match="HF_HUB_OFFLINE"):
        install([entry], tmp_path, "", FileProgress())
    assert server.asked == []


def test_the_token_goes_to_hugging_face_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from knik.models.hub import credentials

    monkeypatch.setenv("HF_TOKEN", "secret")
    assert credentials("https://huggingface.co/a/b/resolve/main/f") == {"Authorization": "Bearer secret"}
    assert credentials("https://example.org/a/b/resolve/main/f") == {}
