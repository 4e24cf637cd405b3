"""`knik models download` from outside, and what it fetches when no name is given."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from knik.cli.models_run import configured, suggested
from knik.config.load import load
from knik.errors import KnikError
from tests.models.flaky_server import DATA, SUM, serving

# The real program with a catalogue of one small model: the real ones have checksums of real weights.
PROGRAM = """
import knik.models.catalogue as models
toy = models.ModelEntry("toy", "chat", "MIT", "a toy", "chat", "", ("toy.gguf",), 1)
models.catalogue = lambda extra=None: [toy]
from knik.cli.main import main
main()
"""


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, "models", *arguments]


def knik(*arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*arguments), capture_output=True, env={**os.environ, **env}, timeout=60, check=False
    )


def test_a_model_is_fetched_and_reported_on_stdout_alone(tmp_path: Path) -> None:
    with serving() as server:
        done = knik("download", "toy", "--from", server.url, "--dir", str(tmp_path), "--json")
    assert done.returncode == 0, done.stderr
    (path,) = json.loads(done.stdout)["toy"]
    assert Path(path).read_bytes() == DATA
    assert b"toy.gguf" in done.stderr
    assert json.loads((tmp_path / "checksums.json").read_text()) == {"chat/toy.gguf": SUM}


def test_the_configuration_names_folder_model_and_mirror(tmp_path: Path) -> None:
    settings = {"KNIK_CHAT_MODEL": "toy", "KNIK_STT_ENGINE": "pocketsphinx", "KNIK_TTS_ENGINE": "espeak"}
    with serving() as server:
        done = knik("download", KNIK_MODELS_DIR=str(tmp_path), KNIK_MODELS_MIRROR=server.url, **settings)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "chat" / "toy.gguf").read_bytes() == DATA
    assert str(tmp_path / "chat") in done.stdout.decode()


def test_an_interrupted_download_ends_quietly_and_goes_on_later(tmp_path: Path) -> None:
    part = tmp_path / "chat" / "toy.gguf.part"
    with serving() as server:
        server.slow = 0.1
        arguments = ("download", "toy", "--from", server.url, "--dir", str(tmp_path))
        process = subprocess.Popen(command(*arguments), stderr=subprocess.PIPE, env=os.environ)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (part.exists() and part.stat().st_size):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
        assert process.returncode == 130
        assert b"Traceback" not in stderr
        assert not part.with_suffix("").exists()
        server.slow = 0.0
        assert knik(*arguments).returncode == 0
        assert "bytes=" in server.asked[-1]
    assert part.with_suffix("").read_bytes() == DATA


def test_a_wrong_checksum_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with serving() as server:
        server.corrupt = True
        done = knik("download", "toy", "--from", server.url, "--dir", str(tmp_path))
    assert done.returncode == 1
    assert b"checksum is wrong" in done.stderr
    assert b"Traceback" not in done.stderr
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".lock"]


def test_unknown_names_are_wrong_usage() -> None:
    done = knik("download", "toi")
    assert done.returncode == 2
    assert b"near it are toy" in done.stderr


def test_without_names_the_configured_models_are_meant(tmp_path: Path) -> None:
    flags = {"stt.model": "base.en", "chat.model": "qwen2.5-1.5b", "tts.model": "kokoro-v1.0"}
    entries, why = suggested(load(None, {}, flags).config, tmp_path)
    assert [entry.name for entry in entries] == ["base.en", "qwen2.5-1.5b", "kokoro-v1.0"]
    assert "configuration" in why


def test_servers_built_in_engines_and_own_files_need_no_download(tmp_path: Path) -> None:
    own = tmp_path / "stt" / "mine"
    own.mkdir(parents=True)
    (own / "model.bin").touch()
    flags = {"stt.model": "mine", "chat.engine": "openai", "chat.model": "llama3.2", "tts.engine": "espeak"}
    with pytest.raises(KnikError, match="names no model") as caught:
        suggested(load(None, {}, flags).config, tmp_path)
    assert "knik models list" in caught.value.remedy


def test_a_misspelt_model_in_the_configuration_is_told(tmp_path: Path) -> None:
    with pytest.raises(KnikError, match=r"near it are qwen2\.5-1\.5b"):
        configured(load(None, {}, {"chat.model": "qwen2.5-1.5"}).config, tmp_path)


def test_the_list_shows_notes_as_they_are_and_what_is_in_use(tmp_path: Path) -> None:
    env = {**os.environ, "KNIK_MODELS_DIR": str(tmp_path), "COLUMNS": "150"}
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "mine.gguf").write_bytes(b"GGUF")
    (tmp_path / "chosen.json").write_text('{"chat": "mine"}')
    command = [sys.executable, "-m", "knik", "models", "list"]
    shown = subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=True).stdout
    assert '[wake] phrase = "hey computer"' in shown
    assert re.search(r"● +mine", shown)
    assert re.search(r"^balanced: base\.en", shown.replace("  ", ""), re.MULTILINE)
    told = subprocess.run([*command, "--json"], capture_output=True, env=env, timeout=60, check=True).stdout
    models = {model["name"]: model for model in json.loads(told)}
    assert models["mine"]["used"]
    assert models["base.en"]["memory"] > 0
    assert not models["base.en"]["installed"]


def test_remove_asks_use_refuses_and_verify_fails_on_damage(tmp_path: Path) -> None:
    env = {"KNIK_MODELS_DIR": str(tmp_path)}
    with serving() as server:
        assert knik("download", "toy", "--from", server.url, **env).returncode == 0
    assert knik("verify", **env).returncode == 0
    (tmp_path / "chat" / "toy.gguf").write_bytes(b"damaged")
    done = knik("verify", **env)
    assert done.returncode == 1
    assert b"knik models download toy" in done.stdout
    assert knik("remove", "toy", **env).returncode == 2
    assert (tmp_path / "chat" / "toy.gguf").exists()
    assert knik("remove", "toy", "--yes", **env).returncode == 0
    assert not (tmp_path / "chat" / "toy.gguf").exists()
    done = knik("use", "toy", **env)
    assert done.returncode == 1
    assert b"knik models download toy" in done.stderr
