"""Models of the user's own: entries in the configuration, and files taken in from the disk."""

import json
from pathlib import Path

import pytest

from knik.config.load import load
from knik.config.schema import Extra
from knik.errors import KnikError
from knik.models.catalogue import catalogue, own_entry, select
from knik.models.choice import chosen, meant
from knik.models.imports import bring_in, kind_of
from knik.models.install import FileProgress, install
from knik.models.installed import check, installed, remove
from knik.models.locate import locate
from tests.models.flaky_server import DATA, SUM, Server

CONFIG = """
[models.extra.mine]
kind = "chat"
source = "hf:someone/some-GGUF@abc"
files = ["some-q4.gguf"]

[models.extra.other]
kind = "stt"
source = "https://example.org/whisper/"
files = ["model.bin", "config.json", "tokenizer.json"]
licence = "MIT"
"""


def nothing(_have: int, _size: int) -> None:
    pass


def test_entries_of_the_configuration_join_the_catalogue(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(CONFIG)
    extra = load(file, {}).config.models.extra
    mine, other = catalogue(extra)[-2:]
    assert mine.base == "https://huggingface.co/someone/some-GGUF/resolve/abc/"
    assert (mine.folder, mine.files, mine.licence) == ("chat/mine", ("some-q4.gguf",), "unknown")
    assert other.base == "https://example.org/whisper/"
    assert [entry.name for entry in select(["small", "mine"], extra)] == [
        "tiny.en",
        "qwen2.5-0.5b",
        "kokoro-v1.0-int8",
        "mine",
    ]


def test_a_mistake_in_an_entry_names_its_line_and_the_right_key(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[models.extra.mine]\nkind = "chat"\nsource = "/x.gguf"\nfile = "x"\n')
    with pytest.raises(KnikError, match=r":4: models\.extra\.mine\.file is no key.*files"):
        load(file, {})


@pytest.mark.parametrize(
    ("name", "kind", "source", "files", "why"),
    [
        ("base.en", "stt", "https://example.org/a", (), "own catalogue has that name"),
        ("small", "chat", "https://example.org/a.gguf", (), "own catalogue has that name"),
        ("../up", "chat", "https://example.org/a.gguf", (), "do for a file"),
        ("a", "chat", "relative/a.gguf", (), "neither a full path"),
        ("a", "chat", "hf:owner/repo", (), "with its files"),
        ("a", "chat", "https://example.org/", (), "needs `files`"),
        ("a", "chat", "https://example.org/a.bin", (), "no GGUF file"),
        ("a", "stt", "https://example.org/", ("../../a",), "leads out"),
        ("a", "stt", "https://example.org/", ("/etc/a",), "leads out"),
    ],
)
def test_entries_that_make_no_sense_are_told(
    name: str, kind: str, source: str, files: tuple[str, ...], why: str
) -> None:
    with pytest.raises(KnikError, match=why) as caught:
        own_entry(name, Extra.model_validate({"kind": kind, "source": source, "files": files}))
    assert caught.value.exit_code == 2
    assert f"models.extra.{name}" in caught.value.message


def test_an_entry_behind_an_address_is_fetched_used_and_found(server: Server, tmp_path: Path) -> None:
    extra = {"mine": Extra(kind="chat", source=f"{server.url}some.gguf", sha256=SUM)}
    install(select(["mine"], extra), tmp_path, "", FileProgress())
    assert locate("chat", "mine", tmp_path) == tmp_path / "chat" / "mine" / "some.gguf"
    assert locate("chat", "auto", tmp_path) == locate("chat", "mine", tmp_path)


def test_an_entry_on_this_disk_is_linked_and_stays_where_it_is(tmp_path: Path) -> None:
    source = tmp_path / "some.gguf"
    source.write_bytes(DATA)
    folder = tmp_path / "models"
    extra = {"mine": Extra(kind="chat", source=str(source))}
    (path,) = install(select(["mine"], extra), folder, "", FileProgress())["mine"]
    assert path.is_symlink()
    (model,) = installed(folder, extra)
    assert check(model, folder, nothing) == {"chat/mine/some.gguf": "intact"}
    assert remove(model, folder) == 0
    assert source.read_bytes() == DATA
    assert installed(folder, extra) == []


def whisper(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes(name.encode())
    return folder


def kokoro(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("kokoro.onnx", "voices.bin"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_what_a_model_is_for_is_told_by_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"GGUF and more")
    (tmp_path / "b").write_bytes(b"no model")
    assert kind_of(tmp_path / "a") == "chat"
    assert kind_of(whisper(tmp_path / "w")) == "stt"
    assert kind_of(kokoro(tmp_path / "k")) == "tts"
    for wrong in ("b", "nowhere", "."):
        with pytest.raises(KnikError):
            kind_of(tmp_path / wrong)


@pytest.mark.parametrize("link", [False, True])
def test_a_model_is_taken_in_listed_checked_and_removed(tmp_path: Path, *, link: bool) -> None:
    source, folder = whisper(tmp_path / "w"), tmp_path / "models"
    bring_in(source, "mine", "stt", folder, nothing, link=link)
    assert locate("stt", "mine", folder) == folder / "stt" / "mine"
    assert meant("stt", "auto", folder) == "mine"
    (model,) = installed(folder)
    assert (model.name, model.kind, model.complete, model.entry) == ("mine", "stt", True, None)
    assert set(check(model, folder, nothing).values()) == {"intact"}
    (folder / "stt" / "mine" / "model.bin").unlink()
    (folder / "stt" / "mine" / "model.bin").write_bytes(b"damaged")
    assert check(model, folder, nothing)["stt/mine/model.bin"] == "damaged"
    remove(model, folder)
    assert not (folder / "stt" / "mine").exists()
    assert chosen(folder) == {}
    assert json.loads((folder / "checksums.json").read_text()) == {}
    assert sorted(file.name for file in source.iterdir()) == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]


def test_nothing_of_the_users_is_written_over(tmp_path: Path) -> None:
    source, folder = tmp_path / "a.gguf", tmp_path / "models"
    source.write_bytes(b"GGUF one")
    bring_in(source, "mine", "chat", folder, nothing, link=False)
    source.write_bytes(b"GGUF two")
    with pytest.raises(KnikError, match="is there already"):
        bring_in(source, "mine", "chat", folder, nothing, link=False)
    assert (folder / "chat" / "mine.gguf").read_bytes() == b"GGUF one"
    for name in ("base.en", "small", "../x", ""):
        with pytest.raises(KnikError) as caught:
            bring_in(source, name, "chat", folder, nothing, link=False)
        assert "--name" in caught.value.remedy
