"""Completion in the shells: the scripts that Typer writes, driven by bash and by the others' protocols."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rig.micro.models import KOKORO
from tests.rig.pulse import VirtualCard


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A home with the command knik on its path."""
    command = tmp_path / "bin" / "knik"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m knik "$@"\n')
    command.chmod(0o755)
    return tmp_path


def environment(place: Path, **env: str) -> dict[str, str]:
    root = Path(__file__).parents[2]
    found = {**os.environ, "HOME": str(place), "PYTHONPATH": str(root), **env}
    return {**found, "PATH": f"{place / 'bin'}:{os.environ['PATH']}"}


def shell(place: Path, script: str, name: str = "bash", **env: str) -> str:
    """What a shell prints; any name but bash is bash under that name, for the sake of its detection."""
    program = shutil.which("bash")
    assert program is not None
    if name != "bash":
        copy = place / "bin" / name
        shutil.copy(program, copy)
        program = str(copy)
    done = subprocess.run(
        [program, "--norc", "-c", script],
        env=environment(place, **env),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def offered(place: Path, line: str, **env: str) -> list[str]:
    """What bash offers when Tab is pressed at the end of the line, by the script that knik gives it."""
    words = " ".join(f"'{word}'" for word in line.split(" "))
    count = line.count(" ")
    script = (
        'eval "$(knik --show-completion; true)"\n'
        f"COMP_WORDS=({words}); COMP_CWORD={count}; _knik_completion knik\n"
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    return shell(place, script, **env).split()


def test_bash_offers_commands_options_and_models(place: Path) -> None:
    assert offered(place, "knik ch") == ["chat"]
    assert offered(place, "knik doctor --no") == ["--no-sound"]
    assert offered(place, "knik bench --mode ba") == ["barge-in"]
    assert set(offered(place, "knik models download tiny")) >= {"tiny.en"}
    assert "small" in offered(place, "knik models use s")


def test_voices_of_the_installed_model_are_offered_in_blends_too(place: Path) -> None:
    names = offered(place, "knik say --voice ", KNIK_TTS_MODEL=str(KOKORO))
    assert len(names) >= 2
    blend = offered(place, f"knik say --voice {names[0]}:0.5,{names[1][:3]}", KNIK_TTS_MODEL=str(KOKORO))
    assert f"{names[0]}:0.5,{names[1]}" in blend
    assert "en-gb" in offered(place, "knik say --voice en-g"), "without a model those of espeak-ng"


def test_devices_are_offered_by_a_name_without_blanks_or_by_number(place: Path, card: VirtualCard) -> None:
    names = ("PULSE_SERVER", "XDG_RUNTIME_DIR")
    found = offered(place, "knik chat --input ", **{name: card.env[name] for name in names})
    assert "pulse" in found
    assert not offered(place, "knik chat --input ", PULSE_SERVER="unix:/nowhere")


@pytest.mark.parametrize("shell_name", ["zsh", "fish"])
def test_the_other_shells_are_answered_in_their_own_protocols(place: Path, shell_name: str) -> None:
    done = subprocess.run(
        ["knik"],
        env=environment(
            place,
            _KNIK_COMPLETE=f"complete_{shell_name}",
            _TYPER_COMPLETE_ARGS="knik models download tiny",
            _TYPER_COMPLETE_FISH_ACTION="get-args",
        ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "tiny.en" in done.stdout
    assert "Whisper tiny" in done.stdout


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("bash", ".bash_completions/knik.sh"),
        ("zsh", ".zfunc/_knik"),
        ("fish", ".config/fish/completions/knik.fish"),
    ],
)
def test_completion_is_installed_for_the_shell_that_asks(place: Path, name: str, file: str) -> None:
    told = shell(place, "knik --install-completion; true", name)
    assert "completion installed" in told
    script = (place / file).read_text()
    assert "_KNIK_COMPLETE" in script
    assert script.strip() == shell(place, "knik --show-completion; true", name).strip()


def test_trouble_offers_nothing_and_says_nothing(place: Path) -> None:
    broken = place / "config.toml"
    broken.write_text("[tts]\nsped = 1\n")
    assert offered(place, "knik say --voice e", KNIK_CONFIG=str(broken)) == []
