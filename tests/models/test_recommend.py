"""What is recommended for which machine."""

import dataclasses
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knik.models.catalogue import bundles, catalogue, find
from knik.models.hardware import Gpu, Hardware, look
from knik.models.predict import hearing, memory_of, predict
from knik.models.probe import Speed, probe
from knik.models.recommend import Advice, recommend

LAPTOP = Hardware("a laptop", 8, ("avx2", "avx_vnni"), 16_000, 9_000, 100_000, None)
QUICK = Speed(340.0, 45.0)


def best(hardware: Hardware, speed: Speed) -> str:
    names = [advice.bundle.name for advice in recommend(hardware, speed) if advice.recommended]
    assert len(names) <= 1
    return names[0] if names else ""


def advice_on(name: str, hardware: Hardware, speed: Speed) -> Advice:
    return next(advice for advice in recommend(hardware, speed) if advice.bundle.name == name)


def test_the_faster_the_machine_the_better_the_bundle() -> None:
    assert best(LAPTOP, Speed(3000.0, 300.0)) == "best"
    assert best(LAPTOP, QUICK) == "balanced"
    assert best(LAPTOP, Speed(160.0, 28.0)) == "small"
    assert best(LAPTOP, Speed(10.0, 1.0)) == ""


def test_memory_disk_and_patience_are_named_where_they_do_not_suffice() -> None:
    small = dataclasses.replace(LAPTOP, memory=4_000)
    assert "needs 6.1 GB of memory" in advice_on("best", small, QUICK).why
    full = dataclasses.replace(LAPTOP, disk=500)
    assert "on disk" in advice_on("small", full, QUICK).why
    assert "too slow" in advice_on("best", LAPTOP, QUICK).why
    assert best(full, QUICK) == ""


def test_a_graphics_card_makes_up_for_a_slow_processor() -> None:
    machine = dataclasses.replace(LAPTOP, gpu=Gpu("A card", 12_000))
    assert best(machine, Speed(160.0, 40.0)) == "best"
    assert "A card" in advice_on("best", machine, QUICK).why
    assert best(dataclasses.replace(LAPTOP, gpu=Gpu("A card", 2_000)), Speed(160.0, 40.0)) != "best"


def test_the_wish_for_other_languages_is_never_assumed() -> None:
    assert best(LAPTOP, Speed(3000.0, 300.0)) != "multilingual"
    assert advice_on("multilingual", LAPTOP, QUICK).fits


speeds = st.floats(1.0, 1e4)


@given(speeds, speeds, st.sampled_from([bundle.names for bundle in bundles()]))
def test_a_machine_twice_as_fast_is_never_slower(g: float, b: float, names: tuple[str, str, str]) -> None:
    stt, chat, tts = (find(name) for name in names)
    slow = predict(stt, chat, tts, Speed(g, b), context=4096)
    fast = predict(stt, chat, tts, Speed(2 * g, 2 * b), context=4096)
    assert fast.first_sound <= slow.first_sound
    assert fast.memory == slow.memory
    assert slow.first_sound >= 0.25


def test_larger_models_of_a_family_take_more() -> None:
    family = [find(name) for name in ("tiny.en", "base.en", "small.en", "medium.en")]
    for smaller, larger in pairwise(family):
        assert hearing(smaller, QUICK) < hearing(larger, QUICK)
        assert memory_of(smaller) < memory_of(larger)
    assert all(memory_of(entry) > 0 for entry in catalogue())
    chat = find("qwen2.5-1.5b")
    assert memory_of(chat, 8192) > memory_of(chat, 4096)


def test_this_machine_can_be_looked_at_and_timed(tmp_path: Path) -> None:
    hardware = look(tmp_path / "not" / "yet")
    assert hardware.cores >= 1
    assert 0 < hardware.free <= hardware.memory
    assert hardware.disk > 0
    speed = probe(0.1)
    assert speed.gflops > 0.1
    assert speed.gbytes > 0.1


def test_a_driver_that_says_nonsense_counts_as_no_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from knik.models.hardware import gpu

    tool = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path))
    for said, found in (("A card, 8192", Gpu("A card", 8590)), ("no devices", None), ("", None)):
        tool.write_text(f"#!/bin/sh\necho '{said}'\n")
        tool.chmod(0o755)
        gpu.cache_clear()
        assert gpu() == found
    gpu.cache_clear()
