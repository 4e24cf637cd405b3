"""`knik bench` from the outside, with real engines."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from knik.models.verdicts import short_context_harms
from tests.rig.micro.models import WHISPER, environment
from tests.rig.voices import SPEECH, spoken

QUESTIONS = ("Thank you.", "Flip a coin.", "What time is it?")


def bench(*arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "knik", "bench", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=100, env={**os.environ, **env}
    )


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """Recordings that the micro models know, with references, at several rates."""
    for i, (question, rate) in enumerate(zip(QUESTIONS, (16_000, 44_100, 8_000), strict=True)):
        samples = spoken(question, "en-us+f2", rate=rate)
        stereo = np.stack([samples, samples], axis=1) if i == 1 else samples
        soundfile.write(tmp_path / f"{i}.wav", stereo, rate)
        (tmp_path / f"{i}.txt").write_text(question)
    return tmp_path


def test_the_micro_model_is_measured_without_an_error(asked: Path) -> None:
    done = bench(str(asked), "--repeat", "2", "--json", **environment())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wer"] == 0.0
    assert found["words"]["hits"] == 2 * (2 + 3 + 4)
    assert found["stages"]["stt"]["count"] == 6
    assert found["models"][str(WHISPER)]
    assert found["complete"]
    assert {"knik", "faster-whisper", "jiwer"} <= set(found["versions"])


def test_a_wrong_reference_shows_in_rate_and_alignment(asked: Path) -> None:
    (asked / "0.txt").write_text("Thank me.")
    done = bench(str(asked), **environment())
    # One of nine words.
    assert "word error rate 11.11%" in done.stdout
    assert "[me → you]" in done.stdout


def test_the_builtin_ear_hears_people(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    done = bench(str(SPEECH), "--json", "--csv", str(out))
    found = json.loads(done.stdout)
    assert len(found["files"]) == 10
    assert found["words"]["hits"] + found["words"]["substitutions"] + found["words"]["deletions"] == 90
    assert 0.05 < found["wer"] < 0.6
    assert len(out.read_text().splitlines()) == 11


def test_whole_turns_are_measured(asked: Path) -> None:
    done = bench(str(asked), "--mode", "turn", "--limit", "1", "--json", **environment())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (turn,) = found["files"]
    assert turn["reply"] == "You are welcome."
    assert {"endpoint", "stt", "first_token", "first_clause", "first_audio", "total"} == set(turn["seconds"])
    assert turn["seconds"]["total"] >= turn["seconds"]["endpoint"]
    assert set(found["warm_up"]) == set(turn["seconds"])
    assert set(found["engines"]) == {"stt", "chat", "tts"}


def test_a_broken_file_is_skipped_and_counted(asked: Path) -> None:
    (asked / "broken.wav").write_bytes(b"RIFF")
    found = json.loads(bench(str(asked), "--json", **environment()).stdout)
    assert [Path(s["file"]).name for s in found["skipped"]] == ["broken.wav"]
    assert len(found["files"]) == 3


def test_a_budget_that_is_broken_fails(asked: Path) -> None:
    budget = asked / "budget.toml"
    budget.write_text("stt = 0.001\n")
    done = bench(str(asked), "--budget", str(budget), **environment())
    assert done.returncode == 1
    assert "over budget: stt" in done.stdout


def test_ctrl_c_reports_what_is_done_so_far(asked: Path) -> None:
    command = [sys.executable, "-m", "knik", "bench", str(asked), "--repeat", "100000", "--json"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment()},
    )
    time.sleep(6)
    process.send_signal(signal.SIGINT)
    out, talk = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in talk
    found = json.loads(out)
    assert not found["complete"]
    assert found["files"]


def test_short_windows_are_checked_and_the_verdict_kept(asked: Path) -> None:
    done = bench(str(asked), "--check-short-context", "--json", **environment())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["wer_full"], found["wer_short"], found["harms"]) == (0.0, 0.0, False)
    assert found["times_faster"] > 1.5
    assert not short_context_harms(WHISPER)


def test_a_folder_without_recordings_is_wrong_usage(tmp_path: Path) -> None:
    done = bench(str(tmp_path))
    assert done.returncode == 2
    assert "holds no recording" in done.stderr


def test_noise_makes_it_harder(asked: Path) -> None:
    done = bench(str(asked), "--noise", "babble", "--snr", "30,-10", "--json", **environment())
    assert done.returncode == 0, done.stderr
    clean, quiet, loud = json.loads(done.stdout)["conditions"]
    assert (clean["noise"], quiet["snr_db"], loud["snr_db"]) == ("", 30.0, -10.0)
    assert clean["wer"] == 0.0
    assert loud["wer"] > quiet["wer"]


def test_a_matrix_compares_settings(asked: Path) -> None:
    done = bench(str(asked), "--matrix", "threads=1,2;beam=1,3", "--json", **environment())
    rows = json.loads(done.stdout)["conditions"]
    settings = [(row["settings"]["stt"]["threads"], row["settings"]["stt"]["beam_size"]) for row in rows]
    assert settings == [(1, 1), (1, 3), (2, 1), (2, 3)]


@pytest.mark.parametrize(
    "arguments", [("--noise", "rain"), ("--noise", "fan", "--snr", "loud"), ("--matrix", "stt")]
)
def test_an_unknown_noise_ratio_or_axis_is_wrong_usage(asked: Path, arguments: tuple[str, ...]) -> None:
    done = bench(str(asked), *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_run_is_compared_with_an_older_one_and_a_regression_fails(asked: Path) -> None:
    old = asked / "old.json"
    old.write_text(bench(str(asked), "--repeat", "3", "--json", **environment()).stdout)
    same = bench(str(asked), "--repeat", "3", "--compare", str(old), "--json", **environment())
    assert {change["name"] for change in json.loads(same.stdout)["changes"]} == {"stt", "wer"}
    run = json.loads(old.read_text())
    for file in run["files"]:
        file["seconds"]["stt"] /= 20
    old.write_text(json.dumps(run))
    worse = bench(str(asked), "--repeat", "3", "--compare", str(old), "--fail-on-regression", **environment())
    assert worse.returncode == 1
    assert "worse" in worse.stdout


def test_the_voice_is_measured_on_a_text(tmp_path: Path) -> None:
    text = tmp_path / "lines.txt"
    text.write_text("Hello there. How are you?\n\nIt is five o'clock.\n")
    found = json.loads(bench(str(text), "--mode", "tts", "--json", **environment()).stdout)
    assert found["stages"]["first_audio"]["count"] == 2
    assert 0 < found["real_time_factor"] < 5


def test_the_page_stands_alone(asked: Path) -> None:
    page = asked / "report.html"
    done = bench(str(asked), "--noise", "fan", "--snr", "20,0", "--html", str(page), **environment())
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    assert text.count("<svg") == 3
    assert "http" not in text.replace("http://www.w3.org", "")
    for svg in re.findall(r"<svg.*?</svg>", text):
        ElementTree.fromstring(svg)


def test_the_second_file_interrupts_the_answer_to_the_first(asked: Path) -> None:
    done = bench(str(asked), "--mode", "barge-in", "--json", **environment())
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (pair,) = found["files"]
    assert Path(pair["file"]).name == "1.wav"
    assert 0 <= pair["seconds"]["stop"] < 1.5


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_distributions_are_drawn(asked: Path, suffix: str, magic: bytes) -> None:
    plot = asked / f"plot{suffix}"
    assert bench(str(asked), "--plot", str(plot), **environment()).returncode == 0
    assert plot.read_bytes().startswith(magic)
