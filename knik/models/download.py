"""Fetches a file so that it is whole, or not there at all.

A file grows under its name with ".part" and gets its own name only after its checksum was right, so
a killed download leaves nothing half-made and the next one goes on where it stopped.
"""

import os
import re
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from knik.errors import KnikError
from knik.models.files import BLOCK, Progress, sha256_of, telling
from knik.models.hardware import standing

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 5
"""Tries in a row that bring nothing new; a slow line that keeps breaking may break more often."""
SPARE_BYTES = 100 << 20
"""Disk space that stays free."""

RETRIED = frozenset({408, 425, 429})
"""Refusals below 500 that pass: request timeout, too early, too many requests (RFC 9110, 8470, 6585)."""

_SHA256 = re.compile(r'^(?:W/)?"?([0-9a-f]{64})"?$')
_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class MissingError(KnikError):
    """The source has no such file."""


@dataclass(frozen=True, slots=True)
class Remote:
    """What the server says of a file.

    Attributes:
        size: Bytes, 0 when it does not say.
        etag: Its version, empty when it does not say.
        sha256: Its checksum where the server announces one: Hugging Face puts the SHA-256 of a large
            file into X-Linked-Etag (huggingface_hub, `file_download.get_hf_file_metadata`).
    """

    size: int
    etag: str
    sha256: str


def copy(source: Path, target: Path, expected: str, progress: Progress) -> str:
    """Copy a local file to `target`; returns its SHA-256.

    Raises:
        KnikError: The file is missing, the disk is full, or the checksum is not `expected` (if any).
    """
    part = _part(target)
    if not source.is_file():
        raise MissingError(f"{source}: there is no such file.", "Look at what --from names.")
    with telling(part):
        size = source.stat().st_size
        check_space(target.parent, size)
        _note(part).unlink(missing_ok=True)
        done = 0
        with source.open("rb") as file, part.open("wb") as out:
            while block := file.read(BLOCK):
                out.write(block)
                done += len(block)
                progress(done, size)
        return _finish(part, target, expected, str(source))


def fetch(
    url: str, target: Path, expected: str, progress: Progress, headers: Mapping[str, str] | None = None
) -> str:
    """Download `url` to `target`, going on where an earlier try stopped; returns its SHA-256.

    Proxies come from the environment.

    Args:
        url: The address.
        target: Where the file goes.
        expected: Its SHA-256, or "" if none is known.
        progress: Told how far it is; what it raises ends the download, and what came of it stays.
        headers: To send along, to the address itself and not to where it leads.

    Raises:
        KnikError: The server refuses or cannot be reached, the disk is full, or the checksum is wrong.
    """
    import httpx

    part = _part(target)
    most, idle = 0, 0
    with telling(part), _client() as client:
        while True:
            try:
                announced = _fetch_rest(client, url, part, target, expected, progress, headers or {})
                return _finish(part, target, expected or announced, url)
            except httpx.HTTPStatusError as error:
                code = error.response.status_code
                if code in (404, 410):
                    raise MissingError(
                        f"{url}: the server says {code}.", "Check the name and --from."
                    ) from error
                if code < 500 and code not in RETRIED:
                    raise KnikError(f"{url}: the server says {code}.", "Check the address.") from error
                failure: Exception = error
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise KnikError(f"{url}: no address to fetch from ({error}).", "Check --from.") from error
            except (httpx.HTTPError, EOFError) as error:
                failure = error
            have = _size(part)
            idle = 0 if have > most else idle + 1
            most = max(most, have)
            if idle == ATTEMPTS:
                break
            # A server that has just dropped the line wants a moment; Ctrl-C still ends the wait.
            threading.Event().wait(min(2.0, 0.1 * 2**idle))
    raise KnikError(
        f"{url}: the download broke off ({failure or type(failure).__name__}).",
        "Run the same command again; it goes on where it stopped.",
    ) from failure


def _client() -> "httpx.Client":
    import httpx

    try:
        return httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30.0, connect=10.0))
    except (ValueError, ImportError, OSError) as error:
        raise KnikError(
            f"The network settings of the environment cannot be used ({error}).",
            "Look at HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and SSL_CERT_FILE.",
        ) from error


def _fetch_rest(
    client: "httpx.Client",
    url: str,
    part: Path,
    target: Path,
    expected: str,
    progress: Progress,
    extra: Mapping[str, str],
) -> str:
    """Append what is missing to `part`; returns the checksum that the server announces, or ""."""
    note = _note(part)
    have = _size(part)
    etag = note.read_text("utf-8") if note.exists() else ""
    headers = {"Accept-Encoding": "identity", **extra}
    # Without a version of the file, only a known checksum can tell whether the pieces fit together.
    if have and (etag or expected):
        headers["Range"] = f"bytes={have}-"
        if etag:
            headers["If-Range"] = etag
    with client.stream("GET", url, headers=headers) as response:
        resumed = response.status_code == 206
        if response.status_code == 416 or resumed:
            start, size = _content_range(response)
            if response.status_code == 416 and size == have:
                # All of it had arrived, and the version is the noted one, or the range had not counted.
                return _announced(response) or _sha256_in(etag)
            if start != have:
                part.unlink()
                note.unlink(missing_ok=True)
                raise EOFError("the server sent another part of the file")
        response.raise_for_status()
        have = have if resumed else 0
        remote = _remote(response, have)
        note.write_text(remote.etag, "utf-8")
        check_space(target.parent, max(0, remote.size - have))
        with part.open("ab" if resumed else "wb") as out:
            # In the pieces that the network brings: gathered into larger ones they would be lost
            # with the line.
            for block in response.iter_bytes():
                out.write(block)
                out.flush()
                have += len(block)
                progress(have, remote.size)
    if remote.size and have < remote.size:
        raise EOFError(f"{have} of {remote.size} bytes arrived")
    return remote.sha256


def _content_range(response: "httpx.Response") -> tuple[int, int]:
    """Where the answer begins in the file, and how long the file is; -1 for what is not said."""
    match = _RANGE.match(response.headers.get("Content-Range", ""))
    start, size = match.groups() if match else (None, None)
    return int(start or -1), int(size) if size and size != "*" else -1


def _remote(response: "httpx.Response", have: int) -> Remote:
    size = int(response.headers.get("Content-Length", 0)) + have
    etag = response.headers.get("ETag", "")
    return Remote(size, etag if not etag.startswith("W/") else "", _announced(response))


def _announced(response: "httpx.Response") -> str:
    # A redirect to a content network leaves Hugging Face's own header on the first answer.
    for answer in [*response.history, response]:
        if "X-Linked-Etag" in answer.headers:
            return _sha256_in(answer.headers["X-Linked-Etag"])
    return _sha256_in(response.headers.get("ETag", ""))


def _sha256_in(etag: str) -> str:
    match = _SHA256.match(etag)
    return match[1] if match else ""


def _finish(part: Path, target: Path, expected: str, source: str) -> str:
    found = sha256_of(part)
    _note(part).unlink(missing_ok=True)
    if expected and found != expected:
        part.unlink()
        raise KnikError(
            f"{source}: the checksum is wrong (SHA-256 {found[:12]}…, expected {expected[:12]}…); "
            "what came of it was thrown away.",
            "Run the same command again; if it stays wrong, the source is damaged.",
        )
    part.replace(target)
    return found


def _part(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnikError(
            f"{target.parent}: cannot be made ({error.strerror}).", "Choose a folder: --dir"
        ) from error
    return target.with_name(target.name + ".part")


def _note(part: Path) -> Path:
    """Where the version (ETag) of what is in `part` is noted."""
    return part.with_name(part.name + ".etag")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def check_space(folder: Path, size: int) -> None:
    """Raise `KnikError` unless so many bytes fit onto the disk, with some to spare."""
    free = shutil.disk_usage(standing(folder)).free
    if free < size + SPARE_BYTES:
        raise KnikError(
            f"{folder}: {size >> 20} MB are needed and {free >> 20} MB are free.",
            "Make room (knik models remove), or choose another folder: --dir",
        )


def address(base: str, name: str, env: "os._Environ[str] | dict[str, str]" = os.environ) -> str:
    """The address of a file; HF_ENDPOINT replaces Hugging Face's own server."""
    endpoint = env.get("HF_ENDPOINT", "").rstrip("/")
    if endpoint and urlsplit(base).netloc == "huggingface.co":
        base = endpoint + base.removeprefix("https://huggingface.co")
    return base + name
