"""Where models come from, where they land, and which there are."""

import re
from pathlib import Path

import pytest

from knik.errors import KnikError
from knik.models.catalogue import KINDS, Kind, ModelEntry, bundles, catalogue, find
from knik.models.choice import DEFAULTS
from knik.models.files import remembered
from knik.models.install import FileProgress, install
from knik.models.locate import locate, models_dir
from tests.models.flaky_server import DATA, SUM, Server

ENTRY = ModelEntry("toy", "chat", "MIT", "a toy", "chat", "", ("toy.gguf",), 1)


def test_a_model_comes_from_a_folder_by_either_layout(tmp_path: Path) -> None:
    for place in (tmp_path / "flat", tmp_path / "tree" / "chat"):
        place.mkdir(parents=True)
        (place / "toy.gguf").write_bytes(DATA)
        target = tmp_path / f"models-{place.name}"
        source = str(tmp_path / ("flat" if place.name == "flat" else "tree"))
        (path,) = install([ENTRY], target, source, FileProgress())["toy"]
        assert path.read_bytes() == DATA
        assert remembered(target) == {"chat/toy.gguf": SUM}


@pytest.mark.parametrize("place", ["chat/toy.gguf", "toy/toy.gguf", "toy.gguf"])
def test_a_mirror_may_have_any_layout(server: Server, tmp_path: Path, place: str) -> None:
    server.missing = {"/chat/toy.gguf", "/toy/toy.gguf", "/toy.gguf"} - {f"/{place}"}
    install([ENTRY], tmp_path, server.url, FileProgress())
    assert server.asked[-1] == f"/{place}"
    assert locate("chat", "toy", tmp_path) == tmp_path / "chat" / "toy.gguf"


def test_a_file_that_no_mirror_has_is_named(server: Server, tmp_path: Path) -> None:
    server.missing = {"/chat/toy.gguf", "/toy/toy.gguf", "/toy.gguf"}
    with pytest.raises(KnikError, match=r"/toy\.gguf: the server says 404"):
        install([ENTRY], tmp_path, server.url, FileProgress())


def test_what_is_there_and_right_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    install([ENTRY], tmp_path, server.url, FileProgress())
    asked = len(server.asked)
    install([ENTRY], tmp_path, server.url, FileProgress())
    assert len(server.asked) == asked
    (tmp_path / "chat" / "toy.gguf").write_bytes(b"damaged")
    install([ENTRY], tmp_path, server.url, FileProgress())
    assert (tmp_path / "chat" / "toy.gguf").read_bytes() == DATA


def test_a_model_counts_as_installed_when_all_its_files_are_there(tmp_path: Path) -> None:
    entry = find("base.en")
    folder = tmp_path / entry.folder
    folder.mkdir(parents=True)
    for name in entry.files[:-1]:
        (folder / name).touch()
    (folder / (entry.files[-1] + ".part")).touch()
    assert locate("stt", "base.en", tmp_path) is None
    (folder / entry.files[-1]).touch()
    assert locate("stt", "base.en", tmp_path) == folder


def test_an_unknown_name_brings_the_near_ones() -> None:
    with pytest.raises(KnikError, match=r"near it are .*base\.en"):
        find("bse.en")


def test_the_catalogue_is_sound() -> None:
    entries = catalogue()
    assert len({entry.name for entry in entries}) == len(entries)
    assert all(entry.base.startswith("https://") and entry.base.endswith("/") for entry in entries)
    assert set(KINDS) == {entry.kind for entry in entries}
    assert [find(name).kind for bundle in bundles() for name in bundle.names] == ["stt", "chat", "tts"] * 4
    for entry in entries:
        pinned = re.search(r"/resolve/[0-9a-f]{40}/$|/releases/download/[^/]+/$", entry.base)
        assert pinned or entry.kind == "wake", entry.name
        assert set(entry.sha256) == set(entry.files), entry.name
        assert entry.licence in ("MIT", "Apache-2.0", "BSD-2-Clause")
        assert entry.megabytes > 0, entry.name
        assert entry.parameters > 0, entry.name
        assert entry.languages, entry.name
        assert entry.encoder > 0 or entry.kind != "stt", entry.name
        assert entry.kv_bytes > 0 or entry.kind != "chat", entry.name
        assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in entry.sha256.values())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_meant_without_a_choice_can_be_had_and_checked(kind: Kind) -> None:
    entry = find(DEFAULTS[kind])
    assert entry.kind == kind
    assert set(entry.sha256) == set(entry.files)


def test_models_lie_in_the_checkout_unless_told_otherwise() -> None:
    assert models_dir("/elsewhere") == Path("/elsewhere")
    assert models_dir() == Path(__file__).parents[2] / "models"
