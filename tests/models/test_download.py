"""Downloads from a real server on this machine that drops, truncates, corrupts and forgets."""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from knik.config.schema import Config
from knik.errors import KnikError
from knik.models import download
from knik.models.catalogue import ModelEntry, catalogue, find
from knik.models.install import FileProgress, install
from knik.models.locate import locate, models_dir

DATA = bytes(range(256)) * 4_000
SUM = hashlib.sha256(DATA).hexdigest()


@dataclass
class Server:
    """What the server does, and what it was asked."""

    url: str = ""
    drop_after: list[int] = field(default_factory=list)
    ranges: bool = True
    corrupt: bool = False
    status: int = 200
    etag: str = f'"{SUM}"'
    slow: float = 0.0
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append(f"{self.path} {wanted}".strip())
            if state.status != 200:
                self.send_error(state.status)
                return
            fresh = self.headers.get("If-Range", state.etag) == state.etag
            start = int(wanted[6:-1]) if wanted and state.ranges and fresh else 0
            body = DATA[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", state.etag)
            self.end_headers()
            if state.corrupt:
                body = b"x" + body[1:]
            if state.drop_after:
                body = body[: state.drop_after.pop(0)]
            for at in range(0, len(body), 65_536):
                self.wfile.write(body[at : at + 65_536])
                time.sleep(state.slow)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{http.server_address[1]}/"
    thread = Thread(target=http.serve_forever)
    thread.start()
    yield state
    http.shutdown()
    http.server_close()
    thread.join()


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


def test_a_missing_file_is_told_at_once(server: Server, tmp_path: Path) -> None:
    server.status = 404
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


ENTRY = ModelEntry("toy", "chat", "MIT", "a toy", "chat", "", ("toy.gguf",), 1)


def test_a_model_comes_from_a_folder_by_either_layout(tmp_path: Path) -> None:
    for place in (tmp_path / "flat", tmp_path / "tree" / "chat"):
        place.mkdir(parents=True)
        (place / "toy.gguf").write_bytes(DATA)
        target = tmp_path / f"models-{place.name}"
        source = str(tmp_path / ("flat" if place.name == "flat" else "tree"))
        (path,) = install(ENTRY, target, source, FileProgress())
        assert path.read_bytes() == DATA
        assert download.remembered(target) == {"chat/toy.gguf": SUM}


def test_what_is_there_and_right_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    install(ENTRY, tmp_path, server.url, FileProgress())
    asked = len(server.asked)
    install(ENTRY, tmp_path, server.url, FileProgress())
    assert len(server.asked) == asked
    (tmp_path / "chat" / "toy.gguf").write_bytes(b"damaged")
    install(ENTRY, tmp_path, server.url, FileProgress())
    assert (tmp_path / "chat" / "toy.gguf").read_bytes() == DATA


INSTALL = """
import sys
from pathlib import Path
from knik.models.catalogue import ModelEntry
from knik.models.install import FileProgress, install
entry = ModelEntry("toy", "chat", "MIT", "a toy", "chat", "", ("toy.gguf",), 1)
install(entry, Path(sys.argv[1]), sys.argv[2], FileProgress())
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
    assert {"stt", "chat", "tts"} == {entry.kind for entry in entries}
    for entry in entries:
        assert re.search(r"/resolve/[0-9a-f]{40}/$|/releases/download/[^/]+/$", entry.base), entry.name
        assert set(entry.sha256) <= set(entry.files)
        assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in entry.sha256.values())


def test_what_the_configuration_names_can_be_had_and_checked() -> None:
    config = Config()
    for name, kind in ((config.stt.model, "stt"), (config.chat.model, "chat"), (config.tts.model, "tts")):
        entry = find(name)
        assert entry.kind == kind
        assert set(entry.sha256) == set(entry.files)


def test_models_lie_in_the_checkout_unless_told_otherwise() -> None:
    assert models_dir("/elsewhere") == Path("/elsewhere")
    assert models_dir() == Path(__file__).parents[2] / "models"
