"""The checks that need no sound: engines, machine, models, configuration and folders."""

import json
from pathlib import Path

import pytest

from knik.config.schema import Chat, Config, Models, Stt
from knik.doctor import engines
from knik.doctor.engines import Import, attempt, check_engines
from knik.doctor.models import check_models
from knik.doctor.report import Finding, healthy
from knik.doctor.settings import check_configuration, check_folders
from knik.doctor.system import check_gpu, check_libraries, check_machine
from knik.models.files import sha256_of
from knik.models.hardware import Gpu, Hardware

MACHINE = Hardware("A processor", 4, ("avx", "avx2", "fma"), 16_000, 9_000, 90_000, None)


def by_name(findings: "list[Finding]") -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_only_failures_make_a_machine_ill() -> None:
    fine, odd = Finding("a", "b", "ok", ""), Finding("a", "b", "warning", "")
    assert healthy([fine, odd])
    assert not healthy([fine, odd, Finding("a", "b", "failure", "")])


def test_engines_that_are_there_work_and_say_what_they_can() -> None:
    found = attempt("pocketsphinx")
    assert found.works
    whisper = attempt("faster-whisper")
    assert whisper.works
    assert whisper.facts["cpu_types"]


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGILL)", "crashes (Illegal instruction)"),
        ("raise OSError('libgomp.so.1: no such file')", "OSError: libgomp.so.1: no such file"),
        ("import sys\nsys.exit(3)", "exit code 3"),
        ("import threading\nthreading.Event().wait()", "did not answer within 1 s"),
    ],
)
def test_an_engine_that_does_not_work_harms_only_its_own_process(
    program: str, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engines.PROGRAMS, "pocketsphinx", program)
    monkeypatch.setattr(engines, "IMPORT_SECONDS", 1.0)
    found = attempt("pocketsphinx")
    assert (found.works, found.error) == (False, error)


def test_a_package_that_is_missing_is_not_tried() -> None:
    assert attempt("espeakng-loader").works
    missing = Import("llama-cpp-python", None)
    (finding,) = check_engines({"llama-cpp-python": missing}, Config())
    assert (finding.status, finding.told) == ("warning", "not installed")
    assert "--extra llama" in finding.remedy
    (needed,) = check_engines({"llama-cpp-python": missing}, Config(chat=Chat(engine="llama")))
    assert needed.status == "failure"


def test_broken_engines_are_failures_with_a_command_that_mends_them() -> None:
    broken = {
        "faster-whisper": Import("faster-whisper", "1.2.1", "ImportError: no ctranslate2"),
        "sounddevice": Import("sounddevice", "0.5.6", "OSError: PortAudio library not found"),
    }
    found = by_name(list(check_engines(broken, Config())))
    assert all(finding.status == "failure" for finding in found.values())
    assert "faster-whisper" in found["faster-whisper"].remedy
    assert "libportaudio2" in found["sounddevice"].remedy


def test_the_libraries_of_this_machine_are_there() -> None:
    found = by_name(list(check_libraries()))
    assert set(found) == {"PortAudio", "espeak-ng", "libsndfile"}
    assert all(finding.status == "ok" for finding in found.values()), found


def test_a_missing_library_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knik.doctor.system.portaudio", lambda: None)
    found = by_name(list(check_libraries()))
    assert found["PortAudio"].status == "failure"
    assert "apt install libportaudio2" in found["PortAudio"].remedy


def test_a_good_machine_is_fine_and_a_poor_one_is_told_what_to_do(tmp_path: Path) -> None:
    assert {finding.status for finding in check_machine(MACHINE, tmp_path)} == {"ok"}
    poor = Hardware("An old one", 1, ("avx",), 2_000, 500, 900, None)
    found = by_name(list(check_machine(poor, tmp_path)))
    for name in ("processor", "memory", "disk"):
        assert found[name].status == "warning", name
        assert found[name].remedy
    assert "1 core," in found["processor"].told


def test_where_the_system_tells_no_instructions_nothing_is_made_of_it(tmp_path: Path) -> None:
    silent = Hardware("A Mac", 8, (), 16_000, 9_000, 90_000, None)
    assert by_name(list(check_machine(silent, tmp_path)))["processor"].status == "ok"


def test_the_graphics_card_is_told_with_the_engines_that_use_it() -> None:
    imports = {
        "faster-whisper": Import("faster-whisper", "1", facts={"cuda_devices": 1}),
        "llama-cpp-python": Import("llama-cpp-python", "1", facts={"gpu_offload": False}),
    }
    assert "processor computes" in check_gpu(MACHINE, {}).told
    card = Hardware(**{**{n: getattr(MACHINE, n) for n in MACHINE.__slots__}, "gpu": Gpu("H100", 80_000)})
    some = check_gpu(card, imports)
    assert some.status == "warning"
    assert some.told == "H100, which llama-cpp-python cannot use"
    assert "GGML_CUDA" in some.remedy
    whole = {
        **imports,
        "llama-cpp-python": Import("llama-cpp-python", "1", facts={"gpu_offload": True}),
    }
    assert check_gpu(card, whole).status == "ok"


def own_model(folder: Path, content: bytes) -> Path:
    """A chat model of the user's own, with its checksum as `knik models import` would note it."""
    path = folder / "chat" / "own.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    (folder / "checksums.json").write_text(json.dumps({"chat/own.gguf": sha256_of(path)}))
    return path


def test_models_that_are_missing_are_warnings_where_something_else_serves(tmp_path: Path) -> None:
    config = Config(models=Models(dir=str(tmp_path)))
    found = by_name(list(check_models(config)))
    assert [finding.status for finding in found.values()] == ["warning"] * 3
    assert all("knik models download" in finding.remedy for finding in found.values())
    asked = config.model_copy(update={"stt": Stt(engine="faster-whisper", model="tiny.en")})
    stt = by_name(list(check_models(asked)))["stt model"]
    assert (stt.status, stt.told) == ("failure", "tiny.en is not installed")
    assert "knik models download tiny.en" in stt.remedy


def test_a_chosen_built_in_engine_needs_no_model(tmp_path: Path) -> None:
    config = Config(models=Models(dir=str(tmp_path)), stt=Stt(engine="pocketsphinx"))
    assert by_name(list(check_models(config)))["stt model"].status == "ok"


def test_an_intact_model_is_fine_and_a_damaged_one_a_failure(tmp_path: Path) -> None:
    path = own_model(tmp_path, b"GGUF and much more")
    config = Config(models=Models(dir=str(tmp_path)), chat=Chat(model="own"))
    read: list[tuple[str, int, int]] = []
    found = by_name(list(check_models(config, lambda *told: read.append(told))))
    assert found["chat model"].status == "ok"
    assert (found["own"].status, found["own"].facts["files"]) == ("ok", {"chat/own.gguf": "intact"})
    assert read[-1] == ("own", 18, 18)
    path.write_bytes(b"GGUF and much less")
    damaged = by_name(list(check_models(config)))["own"]
    assert (damaged.status, damaged.told) == ("failure", "damaged: own.gguf")
    assert "knik models" in damaged.remedy


def test_a_valid_configuration_is_used_and_a_broken_one_is_a_failure(own_home: Path) -> None:
    file = own_home / "XDG_CONFIG_HOME" / "knik" / "config.toml"
    finding, config = check_configuration()
    assert (finding.status, config.tts.speed) == ("ok", 1.0)
    file.parent.mkdir(parents=True)
    file.write_text("[tts]\nspeed = 1.5\n")
    finding, config = check_configuration()
    assert (finding.status, config.tts.speed) == ("ok", 1.5)
    file.write_text("[tts]\nsped = 1.5\n")
    finding, config = check_configuration()
    assert (finding.status, config.tts.speed) == ("failure", 1.0)
    assert "did you mean speed?" in finding.told


def test_every_folder_is_named_and_one_that_cannot_be_used_is_a_failure(own_home: Path) -> None:
    found = by_name(list(check_folders(Config())))
    assert set(found) == {"configuration", "models", "data", "cache", "state"}
    assert {finding.status for finding in found.values()} == {"ok"}
    (own_home / "XDG_CACHE_HOME").mkdir()
    (own_home / "XDG_CACHE_HOME" / "knik").write_text("a file in the way")
    assert by_name(list(check_folders(Config())))["cache"].status == "failure"
