"""`knik doctor` from outside."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.rig.pulse import RATE, VirtualCard
from tests.rig.terminal import Terminal

NO_CARD = {"PULSE_SERVER": "unix:/nowhere"}
Findings = dict[str, dict[str, Any]]


def doctor(*arguments: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "knik", "doctor", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=90,
        check=False,
    )


def findings(done: "subprocess.CompletedProcess[str]") -> Findings:
    return {finding["name"]: finding for finding in json.loads(done.stdout)["findings"]}


@pytest.fixture
def laptop() -> Iterator[dict[str, str]]:
    """The environment of a card whose microphone hears its speaker, in a room that is not quite silent."""
    with VirtualCard() as card:
        card.open_the_speaker(60)
        noise = 0.003 * np.random.default_rng(1).standard_normal(60 * RATE).astype(np.float32)
        room = card.speak(noise, RATE)
        names = ("PULSE_SERVER", "XDG_RUNTIME_DIR", "HOME")
        yield {name: card.env[name] for name in names}
        room.terminate()
        room.wait(5)


def test_a_healthy_machine_is_told_so_with_its_latency(laptop: dict[str, str]) -> None:
    done = doctor("--json", env=laptop)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout)["healthy"] is True
    found = findings(done)
    areas = {finding["area"] for finding in found.values()}
    assert areas == {"configuration", "folders", "system", "engines", "models", "sound"}
    assert 60 < found["latency"]["facts"]["latency_ms"] < 300
    assert found["echo"]["facts"]["echo_db"] == pytest.approx(0, abs=2)
    assert found["stt model"]["status"] == "warning"
    assert done.stderr == ""


def test_without_a_sound_card_it_says_what_to_do_and_fails() -> None:
    done = doctor(env=NO_CARD)
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "no sound device was found" in line]
    assert line.strip().startswith("✗")
    assert "→ Plug one in" in done.stdout
    assert "knik models download" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_broken_configuration_is_one_failure_among_all_the_checks(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[audio]\nlatency_ms = 1\n")
    done = doctor("--json", env={**NO_CARD, "KNIK_CONFIG": str(file)})
    assert done.returncode == 1
    found = findings(done)
    assert found["file"]["status"] == "failure"
    assert "config.toml:2" in found["file"]["told"]
    assert found["pocketsphinx"]["status"] == "ok"


def test_a_damaged_model_is_found_by_its_checksum(tmp_path: Path) -> None:
    (tmp_path / "chat").mkdir()
    (tmp_path / "chat" / "own.gguf").write_bytes(b"GGUF, but a byte is wrong")
    (tmp_path / "checksums.json").write_text(json.dumps({"chat/own.gguf": "0" * 64}))
    done = doctor("--no-sound", env={**NO_CARD, "KNIK_MODELS_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert "damaged: own.gguf" in done.stdout


def test_on_a_terminal_the_level_is_followed_live(laptop: dict[str, str]) -> None:
    with Terminal("doctor", "--no-sound", env=laptop) as terminal:
        terminal.wait_for("say something")
        terminal.wait_for("dBFS")
        assert terminal.end() == 0
    assert "background" in terminal.shown
    assert "latency" not in terminal.shown


def test_ctrl_c_ends_it_at_once_and_quietly(laptop: dict[str, str]) -> None:
    with Terminal("doctor", env=laptop) as terminal:
        terminal.wait_for("say something")
        terminal.interrupt()
        assert terminal.end() == 130
    assert "Traceback" not in terminal.shown


def test_a_microphone_that_does_not_exist_is_told(laptop: dict[str, str]) -> None:
    done = doctor("--input", "no such thing", "--json", env=laptop)
    assert done.returncode == 1
    assert findings(done)["microphone"]["status"] == "failure"


def test_a_sound_server_that_hangs_is_told_and_does_not_hang_the_doctor() -> None:
    with VirtualCard() as card:
        env = {name: card.env[name] for name in ("PULSE_SERVER", "XDG_RUNTIME_DIR", "HOME")}
        with card.frozen():
            done = doctor("--json", env=env)
    assert done.returncode == 1
    found = findings(done)
    assert found["sounddevice"]["status"] == "failure"
    assert "did not answer" in found["sounddevice"]["told"]
    assert "Restart the sound server" in found["sounddevice"]["remedy"]
    assert "microphone" not in found
