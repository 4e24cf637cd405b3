"""What people are told when something goes wrong, and what the process exits with."""

import errno
import subprocess
import sys

import pytest

from knik.cli.main import report
from knik.errors import KnikError


@pytest.fixture(autouse=True)
def _no_debug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KNIK_DEBUG", raising=False)


def test_an_error_for_people_is_its_message_and_its_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KnikError("The mic is gone.", "Plug it in.", exit_code=2)) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "knik: The mic is gone.\n      Plug it in.\n")


def test_without_a_remedy_there_is_no_second_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KnikError("No.")) == 1
    assert capsys.readouterr().err == "knik: No.\n"


def test_anything_else_is_called_a_bug_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(ValueError("odd")) == 1
    err = capsys.readouterr().err
    assert err.startswith("knik: unexpected ValueError: odd\n")
    assert "--debug" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("error", [KnikError("No."), OSError(errno.EIO, "odd")])
def test_debugging_shows_where_it_came_from(
    error: Exception, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KNIK_DEBUG", "1")
    report(error)
    assert type(error).__name__ in capsys.readouterr().err.splitlines()[0]


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "knik", "config", "show"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(30)
