"""The program from outside: exit codes, stdout and stderr."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from knik.audio.frames import SAMPLE_RATE
from tests.rig.voices import silence, spoken


def knik(*arguments: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "knik", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **env},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "command", [(), ("chat",), ("say",), ("devices",), ("models",), ("models", "download"), ("config",)]
)
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    done = knik(*command, "--help")
    assert done.returncode == 0
    assert b"Usage" in done.stdout
    assert not done.stderr


def test_the_version_is_told() -> None:
    assert knik("--version").stdout.split()[0] == b"knik"


def test_wrong_usage_exits_with_two() -> None:
    assert knik("chat", "--nonsense").returncode == 2
    assert knik("chat", "--echo", "maybe").returncode == 2
    assert knik("say", "x", "--no-play").returncode == 2
    assert knik("say", "-o", "-").returncode == 2
    assert knik("say", "x", "-o", "x.mp9").returncode == 2


def test_say_writes_a_file_and_reports(tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    done = knik("say", "Hello there.", "-o", str(out), "--json")
    report = json.loads(done.stdout)
    samples, rate = soundfile.read(out)
    assert report["seconds"] == pytest.approx(samples.size / rate, abs=0.01)
    assert np.max(np.abs(samples)) > 0.05
    assert b"espeak-ng" in done.stderr


@pytest.mark.parametrize(("ending", "container"), [("flac", "FLAC"), ("ogg", "OGG")])
def test_say_writes_other_formats(tmp_path: Path, ending: str, container: str) -> None:
    out = tmp_path / f"a.{ending}"
    assert knik("say", "Hello there.", "-o", str(out)).returncode == 0
    assert soundfile.info(out).format == container


def test_say_writes_wav_into_a_pipe(tmp_path: Path) -> None:
    done = knik("say", "-o", "-", stdin=b"Hello there.\n")
    assert done.returncode == 0
    (tmp_path / "pipe.wav").write_bytes(done.stdout)
    assert done.stdout[:4] == b"RIFF"
    samples = np.frombuffer(done.stdout[44:], "<i2")
    assert 10_000 < samples.size < 60_000


def test_say_pauses_between_paragraphs(tmp_path: Path) -> None:
    lengths = []
    for text in ("One.\nTwo.", "One.\n\nTwo."):
        file = tmp_path / "t.txt"
        file.write_text(text)
        report = json.loads(knik("say", "-f", str(file), "-o", str(tmp_path / "a.wav"), "--json").stdout)
        lengths.append(report["seconds"])
    assert lengths[1] > lengths[0] + 0.2


def test_say_survives_invalid_utf8_and_a_megabyte(tmp_path: Path) -> None:
    file = tmp_path / "t.txt"
    file.write_bytes(b"Hello \xff\xfe there. " + b"x" * 100)
    assert knik("say", "-f", str(file), "-o", str(tmp_path / "a.wav")).returncode == 0
    reading = subprocess.Popen(
        [sys.executable, "-m", "knik", "say", "-", "-o", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ,
    )
    assert reading.stdin is not None
    assert reading.stdout is not None
    # The first sound comes before the text has ended, and a reader that leaves ends it quietly.
    reading.stdin.write(b"The first sentence is here. And a second one.\n\n" * 20)
    reading.stdin.flush()
    assert len(reading.stdout.read(20_000)) == 20_000
    reading.stdout.close()
    try:
        reading.stdin.write(b"More of it, and more.\n\n" * 40_000)
        reading.stdin.close()
    except BrokenPipeError:
        pass
    assert reading.wait(30) == 0


def test_say_lists_voices() -> None:
    voices = json.loads(knik("say", "--list-voices", "--json").stdout)
    assert {"en-us", "en-gb"} <= {voice["name"] for voice in voices}


def test_an_unknown_voice_is_told_with_the_near_ones() -> None:
    done = knik("say", "Hi", "--voice", "en-ux", "-o", "-")
    assert done.returncode == 2
    assert b"en-us" in done.stderr
    assert b"Traceback" not in done.stderr


def test_chat_by_text_answers_piped_lines_in_turn() -> None:
    done = knik("chat", "--text", "--no-speak", stdin=b"what is 3 plus 4\nwhat is 2 times 5\n")
    assert done.returncode == 0
    assert done.stdout.decode().splitlines() == [
        "you: what is 3 plus 4",
        "knik: That is 7.",
        "you: what is 2 times 5",
        "knik: That is 10.",
    ]


def test_typed_lines_can_be_answered_into_a_file(tmp_path: Path) -> None:
    out = tmp_path / "a.wav"
    done = knik("chat", "--text", "--speak", "--output-wav", str(out), stdin=b"what is 3 plus 4\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[-1] == "knik: That is 7."
    samples, rate = soundfile.read(out)
    assert np.max(np.abs(samples)) > 0.05
    assert samples.size / rate < 10
    assert knik("chat", "--output-wav", str(out)).returncode == 2


def test_chat_over_files_leaves_sound_and_transcript(tmp_path: Path) -> None:
    question = np.concatenate([silence(0.3), spoken("what time is it", "en-us+f2"), silence(0.3)])
    soundfile.write(tmp_path / "q.wav", question, SAMPLE_RATE)
    done = knik(
        "chat", "--input-wav", str(tmp_path / "q.wav"), "--output-wav", str(tmp_path / "a.wav"),
        "--transcript", str(tmp_path / "t"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert np.max(np.abs(soundfile.read(tmp_path / "a.wav")[0])) > 0.05
    (jsonl,) = (tmp_path / "t").glob("*.jsonl")
    (markdown,) = (tmp_path / "t").glob("*.md")
    record = json.loads(jsonl.read_text())
    assert record["user"] == "what time is it"
    assert record["assistant"].startswith("It is ")
    assert "**You:** what time is it" in markdown.read_text()


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 100])
def test_a_broken_recording_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    done = knik("chat", "--input-wav", str(path))
    assert done.returncode == 1
    assert b"broken.wav" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_missing_recording_is_told() -> None:
    done = knik("chat", "--input-wav", "/nowhere/q.wav")
    assert done.returncode == 1
    assert b"there is no such file" in done.stderr


def test_without_a_sound_card_the_remedy_is_told() -> None:
    done = knik("chat", PULSE_SERVER="unix:/nowhere")
    assert done.returncode == 1
    assert b"knik chat --text" in done.stderr or b"knik devices" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_chat_server_that_is_down_is_told_and_the_conversation_goes_on() -> None:
    done = knik(
        "chat", "--text", "--no-speak", stdin=b"hello you\nwhat is 1 plus 1\n",
        KNIK_CHAT_ENGINE="openai", KNIK_CHAT_URL="http://127.0.0.1:9/v1", KNIK_CHAT_MODEL="m",
    )  # fmt: skip
    assert b"127.0.0.1:9" in done.stderr
    assert done.stdout.decode().splitlines()[-1] == "knik: That is 2."


def test_a_model_that_is_missing_or_broken_is_told(tmp_path: Path) -> None:
    missing = knik(
        "chat", "--text", "--no-speak", stdin=b"hi\n", KNIK_CHAT_ENGINE="llama", KNIK_CHAT_MODEL="nope"
    )
    assert missing.returncode == 1
    assert b"knik models download" in missing.stderr
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF nonsense")
    done = knik("chat", "--text", "--no-speak", stdin=b"what is 1 plus 1\n", KNIK_CHAT_MODEL=str(broken))
    assert done.returncode == 0
    assert b"broken.gguf" in done.stderr
    assert done.stdout.decode().splitlines()[-1] == "knik: That is 2."
    fixed = knik(
        "chat", "--text", "--no-speak", stdin=b"hi\n", KNIK_CHAT_MODEL=str(broken), KNIK_CHAT_ENGINE="llama"
    )
    assert fixed.returncode == 1
    assert b"broken.gguf" in fixed.stderr
    assert b"Traceback" not in done.stderr


def test_configuration_is_begun_once_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "config.toml"
    assert knik("config", "init", KNIK_CONFIG=str(file)).returncode == 0
    file.write_text("[tts]\nspeed = 1.5\n")
    again = knik("config", "init", KNIK_CONFIG=str(file))
    assert again.returncode == 1
    assert file.read_text() == "[tts]\nspeed = 1.5\n"
    shown = knik("config", "show", "--origin", KNIK_CONFIG=str(file)).stdout.decode()
    assert "speed = 1.5  # file" in shown
    assert knik("config", "path", KNIK_CONFIG=str(file)).stdout.decode().strip() == str(file)
    file.write_text("[tts]\nsped = 1\n")
    wrong = knik("config", "check", KNIK_CONFIG=str(file))
    assert wrong.returncode == 2
    assert b"did you mean speed?" in wrong.stderr


def test_models_are_listed_for_people_and_programs() -> None:
    listed = json.loads(knik("models", "list", "--json").stdout)
    assert not any(entry["installed"] for entry in listed)
    assert b"base.en" in knik("models", "list").stdout


def test_without_sound_devices_the_list_is_empty_and_the_exit_code_says_so() -> None:
    done = knik("devices", "--json", PULSE_SERVER="unix:/nowhere")
    assert (done.returncode, json.loads(done.stdout)) == (1, [])
    told = knik("devices", PULSE_SERVER="unix:/nowhere")
    assert told.returncode == 1
    assert b"No sound devices" in told.stderr


def test_the_versions_are_there_for_programs_too() -> None:
    found = json.loads(knik("--version", "--json").stdout)
    assert found["knik"]
    assert found["faster-whisper"].count(".") >= 1
    assert found["PortAudio"].startswith("19.")
    assert found["espeak-ng"]
    assert knik("--json").returncode == 2
