"""The disk fills; the chat server breaks off."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from knik.audio.device import AudioDevice
from knik.audio.recorder import RecordingDevice
from knik.session.transcripts import TranscriptWriter
from knik.trace.turns import TurnTrace
from tests.faults.talk import ANSWERS, QUESTIONS, entries, last_turn, talk, told

FullDisk = Callable[[int], AbstractContextManager[None]]


def test_a_server_that_breaks_off_costs_one_turn(tmp_path: Path, dropping_server: str) -> None:
    flags = {"chat.engine": "openai", "chat.url": dropping_server, "chat.model": "any"}
    session = talk(tmp_path, **flags)
    (error,) = told(session, "error")
    assert dropping_server.removeprefix("http://").split("/")[0] in error
    answers = [exchange.assistant for exchange in session.history.exchanges]
    assert answers[0] == answers[-1] == "The answer is forty two."
    assert len(entries(session)) < 30


def test_a_disk_that_fills_is_told_once_and_what_was_written_stays(
    tmp_path: Path, full_disk: FullDisk
) -> None:
    told_: list[str] = []
    writer = TranscriptWriter(tmp_path / "kept", ("jsonl",), told_.append)
    with full_disk(400):
        for turn in range(1, 8):
            writer.add(TurnTrace(turn, outcome="answered", user="Who are you?", assistant="I am knik. " * 5))
        writer.close()
    (message,) = told_
    assert message.startswith("The transcript cannot be written")
    first = writer.paths[0].read_text("utf-8").splitlines()[0]
    assert json.loads(first)["user"] == "Who are you?"


def test_a_recording_on_a_full_disk_ends_and_the_conversation_does_not(
    tmp_path: Path, full_disk: FullDisk
) -> None:
    notices: list[str] = []
    made: list[RecordingDevice] = []

    def recorded(device: AudioDevice) -> AudioDevice:
        made.append(RecordingDevice(device, tmp_path / "kept", notices.append))
        return made[0]

    with full_disk(600_000):
        session = talk(tmp_path, wraps=recorded, realtime=True, gap=3.5)
    (notice,) = notices
    assert "disk full" in notice
    assert last_turn(session) == (QUESTIONS[2], ANSWERS[QUESTIONS[2]])
