"""Downloads from a real server on this machine that drops, truncates, corrupts and forgets."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from knik.errors import KnikError
from knik.models import download
from tests.models.flaky_server import DATA, SUM, Server


def nothing(_have: int, _size: int) -> None:
    pass


def test_a_file_arrives_whole_and_its_checksum_is_told(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "model.bin"
    assert download.fetch(server.url + "model.bin", target, SUM, nothing) == SUM
    assert target.read_bytes() == DATA
    assert list(tmp_path.iterdir()) == [target]


def test_a_dropped_line_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.drop_after = [300_000, 200_000]
    download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert (tmp_path / "a").read_bytes() == DATA
    assert server.asked == ["/a", "/a bytes=300000-", "/a bytes=500000-"]


def test_a_line_that_breaks_often_but_brings_something_is_not_given_up(
    server: Server, tmp_path: Path
) -> None:
    server.drop_after = [100_000] * (download.ATTEMPTS + 3)
    download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_line_that_brings_nothing_is_given_up_and_what_came_is_kept(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 2)
    server.drop_after = [300_000, 0, 0]
    with pytest.raises(KnikError, match="broke off") as caught:
        download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert "it goes on where it stopped" in caught.value.remedy
    assert (tmp_path / "a.part").stat().st_size == 300_000
    assert not (tmp_path / "a").exists()


def test_a_download_that_was_killed_before_its_last_step_is_not_fetched_again(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "a.part").write_bytes(DATA)
    (tmp_path / "a.part.etag").write_text(server.etag)
    assert download.fetch(server.url + "a", tmp_path / "a", "", nothing) == SUM
    assert (tmp_path / "a").read_bytes() == DATA
    assert server.asked == [f"/a bytes={len(DATA)}-"]


@pytest.mark.parametrize("expected", ["", SUM])
def test_a_complete_part_with_wrong_bytes_never_gets_the_name(
    server: Server, tmp_path: Path, expected: str
) -> None:
    (tmp_path / "a.part").write_bytes(DATA[:-1] + b"x")
    (tmp_path / "a.part.etag").write_text(server.etag)
    with pytest.raises(KnikError, match="checksum is wrong"):
        download.fetch(server.url + "a", tmp_path / "a", expected, nothing)
    assert list(tmp_path.iterdir()) == []


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(DATA + b"more")
    (tmp_path / "a.part.etag").write_text(server.etag)
    download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert (tmp_path / "a").read_bytes() == DATA


def test_another_range_than_asked_for_is_not_mixed_in(server: Server, tmp_path: Path) -> None:
    server.drop_after, server.shifted = [300_000], 7
    download.fetch(server.url + "a", tmp_path / "a", "", nothing)
    assert (tmp_path / "a").read_bytes() == DATA


def test_without_a_version_only_a_known_checksum_allows_to_go_on(server: Server, tmp_path: Path) -> None:
    server.etag = ""
    for name, expected, second in (("a", SUM, "/a bytes=300000-"), ("b", "", "/b")):
        server.drop_after = [300_000]
        download.fetch(server.url + name, tmp_path / name, expected, nothing)
        assert (tmp_path / name).read_bytes() == DATA
        assert server.asked[-1] == second


def test_a_server_without_ranges_starts_again(server: Server, tmp_path: Path) -> None:
    server.drop_after, server.ranges = [300_000], False
    download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_file_that_changed_meanwhile_is_not_mixed(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"old" * 1000)
    (tmp_path / "a.part.etag").write_text('"another"')
    download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_corrupt_file_never_gets_its_name(server: Server, tmp_path: Path) -> None:
    server.corrupt = True
    with pytest.raises(KnikError, match="checksum is wrong") as caught:
        download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert "Run the same command again" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_the_checksum_that_the_server_announces_counts_where_none_is_known(
    server: Server, tmp_path: Path
) -> None:
    server.corrupt = True
    with pytest.raises(KnikError, match="checksum is wrong"):
        download.fetch(server.url + "a", tmp_path / "a", "", nothing)


def test_hugging_faces_checksum_counts_though_the_content_network_has_another(
    server: Server, tmp_path: Path
) -> None:
    server.linked, server.etag = f'"{SUM}"', '"of the network"'
    assert download.fetch(server.url + "a", tmp_path / "a", "", nothing) == SUM
    server.linked = f'"{"0" * 64}"'
    with pytest.raises(KnikError, match=r"expected 000000000000"):
        download.fetch(server.url + "b", tmp_path / "b", "", nothing)


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_that_passes_is_waited_out(server: Server, tmp_path: Path, status: int) -> None:
    server.statuses = [status]
    download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert (tmp_path / "a").read_bytes() == DATA


def test_a_refusal_that_stays_is_told_at_once(server: Server, tmp_path: Path) -> None:
    server.statuses = [403]
    with pytest.raises(KnikError, match="says 403"):
        download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)


@pytest.mark.parametrize("url", ["http://", "http://[::bad/a", "nowhere/a"])
def test_what_is_no_address_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(KnikError, match="no address"):
        download.fetch(url, tmp_path / "a", SUM, nothing)


def test_a_proxy_that_makes_no_sense_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://nowhere")
    with pytest.raises(KnikError, match="gopher") as caught:
        download.fetch("http://127.0.0.1:9/a", tmp_path / "a", SUM, nothing)
    assert "ALL_PROXY" in caught.value.remedy


def test_a_folder_in_the_way_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(KnikError, match="directory") as caught:
        download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert "--dir" in caught.value.remedy


def test_a_copy_does_not_go_on_with_the_part_of_a_download(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.part").write_bytes(b"old")
    (tmp_path / "a.part.etag").write_text(server.etag)
    (tmp_path / "source").write_bytes(DATA)
    assert download.copy(tmp_path / "source", tmp_path / "a", SUM, nothing) == SUM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "source"]


def test_a_missing_file_is_told_at_once(server: Server, tmp_path: Path) -> None:
    server.missing.add("/a")
    with pytest.raises(KnikError, match="says 404"):
        download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert len(server.asked) == 1


def test_a_full_disk_is_told_before_anything_is_written(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SPARE_BYTES", 1 << 62)
    with pytest.raises(KnikError, match="are needed"):
        download.fetch(server.url + "a", tmp_path / "a", SUM, nothing)
    assert not (tmp_path / "a").exists()


INSTALL = """
import sys
from pathlib import Path
from knik.models.catalogue import ModelEntry
from knik.models.install import FileProgress, install
entry = ModelEntry("toy", "chat", "MIT", "a toy", "chat", "", ("toy.gguf",), 1)
install([entry], Path(sys.argv[1]), sys.argv[2], FileProgress())
"""


def test_a_killed_download_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    server.slow = 0.05
    command = [sys.executable, "-c", INSTALL, str(tmp_path), server.url]
    process = subprocess.Popen(command, env=os.environ)
    part = tmp_path / "chat" / "toy.gguf.part"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not (part.exists() and part.stat().st_size > 100_000):
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert part.stat().st_size < len(DATA)
    assert not part.with_suffix("").exists()
    server.slow = 0.0
    subprocess.run(command, env=os.environ, check=True, capture_output=True)
    assert part.with_suffix("").read_bytes() == DATA
    assert "bytes=" in server.asked[-1]


def test_hugging_faces_own_address_can_be_replaced() -> None:
    base = "https://huggingface.co/a/b/resolve/main/"
    assert (
        download.address(base, "f", {"HF_ENDPOINT": "http://mirror/"}) == "http://mirror/a/b/resolve/main/f"
    )
    assert download.address(base, "f", {}) == base + "f"
