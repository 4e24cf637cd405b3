"""Installs models from their sources, a mirror or a folder, several files at a time."""

import os
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from knik.cancel import CancelToken
from knik.errors import KnikError
from knik.models.catalogue import HUB, ModelEntry
from knik.models.choice import choose
from knik.models.download import MissingError, address, check_space, copy, fetch
from knik.models.files import Progress, remember, remembered, sha256_of, telling
from knik.models.guard import guarded
from knik.models.hub import cached, credentials, offline

AT_ONCE = 4
"""Files under way; more would share the same line."""


LAST_BLOCK = 0.3
"""Seconds that a thread gets to write what it has, once the others have failed or were interrupted."""


class FileProgress:
    """Hands out one progress callback a file; the default shows nothing."""

    def of(self, name: str) -> Progress:  # noqa: ARG002
        """The callback for the file `name`."""
        return lambda _have, _size: None

    def waiting(self) -> None:
        """Another knik is changing the folder, and this one waits for it."""


@dataclass(frozen=True, slots=True)
class _Job:
    """A file that has to be there."""

    entry: ModelEntry
    name: str
    target: Path
    expected: str

    @property
    def key(self) -> str:
        return f"{self.entry.folder}/{self.name}"


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a job: its checksum, or why there is none."""

    job: _Job
    sha256: str = ""
    error: Exception | None = None


def install(
    entries: Sequence[ModelEntry], folder: Path, source: str, progress: FileProgress
) -> dict[str, list[Path]]:
    """Bring all files of the models into the models folder, and let "auto" mean these models.

    Files that are there and right stay.

    Args:
        entries: The models.
        folder: The models folder.
        source: A folder or an address to take the files from; "" for their own addresses. Below it
            they lie as in the models folder, in a folder with the model's name, or side by side.
        progress: Told each file and how much of it is there.

    Returns:
        The paths of the files, by the model's name.

    Raises:
        KnikError: A file could not be had; those before it stay, and so does what came of it.
    """
    with guarded(folder, progress.waiting):
        jobs = _jobs(entries, folder)
        missing = [
            entry for entry in entries if any(not j.target.is_file() for j in jobs if j.entry is entry)
        ]
        check_space(folder, sum(_missing_bytes(entry, folder) for entry in missing))
        _run(jobs, folder, source, progress)
        choose(folder, {entry.kind: entry.name for entry in entries})
    return {entry.name: [job.target for job in jobs if job.entry is entry] for entry in entries}


def _jobs(entries: Sequence[ModelEntry], folder: Path) -> list[_Job]:
    known = remembered(folder)
    return [
        _Job(
            entry,
            name,
            folder / entry.folder / name,
            entry.sha256.get(name) or known.get(f"{entry.folder}/{name}", ""),
        )
        for entry in entries
        for name in entry.files
    ]


def _missing_bytes(entry: ModelEntry, folder: Path) -> int:
    """About what is still to come of a model."""
    have = 0
    for name in entry.files:
        target = folder / entry.folder / name
        for path in (target, target.with_name(target.name + ".part")):
            if path.is_file():
                have += path.stat().st_size
    return max(0, entry.megabytes * 1_000_000 - have)


def _run(jobs: list[_Job], folder: Path, source: str, progress: FileProgress) -> None:
    """Do the jobs on a few threads; the first failure, or Ctrl-C, ends them all.

    The threads are daemons: one that waits for a server that says nothing must not keep the process.
    """
    waiting: queue.SimpleQueue[_Job] = queue.SimpleQueue()
    done: queue.SimpleQueue[_Done] = queue.SimpleQueue()
    stop = CancelToken()
    for job in jobs:
        waiting.put(job)

    def work() -> None:
        while not stop.cancelled:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put(_Done(job, _ensure(job, source, progress, stop)))
            except Exception as error:  # noqa: BLE001 - handed to the owner of the thread
                done.put(_Done(job, error=error))

    threads = [
        threading.Thread(target=work, name=f"download {number}", daemon=True)
        for number in range(min(AT_ONCE, len(jobs)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in jobs:
            result = done.get()
            if result.error is not None:
                raise _told(result, list(dict.fromkeys(job.entry.name for job in jobs)))
            remember(folder, result.job.key, result.sha256)
    finally:
        stop.cancel()
        deadline = time.monotonic() + LAST_BLOCK
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _told(result: _Done, names: list[str]) -> Exception:
    """The failure with the command that goes on with all that was asked for."""
    error = result.error
    if isinstance(error, KnikError) and error.remedy.startswith("Run the same command again"):
        again = f"{error.remedy.rstrip('.')}: knik models download {' '.join(names)}"
        return KnikError(error.message, again, exit_code=error.exit_code)
    return error or KnikError(f"{result.job.name} could not be had.")


def _ensure(job: _Job, source: str, progress: FileProgress, stop: CancelToken) -> str:
    """Have the file of a job whole; returns its checksum."""
    report = progress.of(f"{job.entry.name}/{job.name}")

    def going(have: int, size: int) -> None:
        stop.check()
        report(have, size)

    if job.target.is_file():
        found = sha256_of(job.target, going)
        if not job.expected or found == job.expected:
            return found
    return _bring(job, source, going)


def _bring(job: _Job, source: str, progress: Progress) -> str:
    if source:
        return _from_mirror(job, source, progress)
    entry, name = job.entry, job.name
    if not entry.base.startswith(("http://", "https://")):
        return _link(Path(entry.base) / name, job, progress)
    url = entry.base + name
    found = cached(url)
    if found is not None:
        with suppress(KnikError):
            return _share(found, job, progress)
    if offline():
        raise KnikError(
            f"{url}: not fetched, since HF_HUB_OFFLINE forbids the network.",
            "Unset it, or take the files from a folder: knik models download --from DIR",
        )
    headers = credentials(url) if entry.base.startswith(HUB) else {}
    return fetch(address(entry.base, name), job.target, job.expected, progress, headers)


def _from_mirror(job: _Job, source: str, progress: Progress) -> str:
    entry, name = job.entry, job.name
    places = [f"{entry.folder}/{name}", f"{entry.name}/{name}", name]
    if source.startswith(("http://", "https://")):
        for place in places[:-1]:
            with suppress(MissingError):
                return fetch(f"{source.rstrip('/')}/{place}", job.target, job.expected, progress)
        return fetch(f"{source.rstrip('/')}/{name}", job.target, job.expected, progress)
    files = [Path(source).expanduser() / place for place in places]
    found = next((file for file in files if file.is_file()), files[-1])
    return copy(found, job.target, job.expected, progress)


def _share(source: Path, job: _Job, progress: Progress) -> str:
    """The file of Hugging Face's cache under a second name; a copy where the disk is another."""
    found = sha256_of(source, progress)
    if job.expected and found != job.expected:
        raise KnikError(f"{source}: the checksum is wrong.")
    with telling(job.target):
        job.target.parent.mkdir(parents=True, exist_ok=True)
        job.target.unlink(missing_ok=True)
        try:
            os.link(source.resolve(), job.target)
        except OSError:
            return copy(source, job.target, job.expected, progress)
    return found


def _link(source: Path, job: _Job, progress: Progress) -> str:
    """The user's own file, which stays where it is; a copy where the system knows no links."""
    if not source.is_file():
        raise MissingError(f"{source}: there is no such file.", f"Mend [models.extra.{job.entry.name}].")
    found = sha256_of(source, progress)
    if job.expected and found != job.expected:
        raise KnikError(
            f"{source}: the checksum is {found}, and the configuration says {job.expected}.",
            f"Mend [models.extra.{job.entry.name}].",
        )
    with telling(job.target):
        job.target.parent.mkdir(parents=True, exist_ok=True)
        job.target.unlink(missing_ok=True)
        try:
            job.target.symlink_to(source)
        except OSError:
            return copy(source, job.target, job.expected, progress)
    return found
