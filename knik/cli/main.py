"""The entry point: runs a command and turns whatever goes wrong into one line and an exit code."""

import os
import signal
import sys
import traceback
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from knik.errors import KnikError

INTERRUPTED = 130
HARD_EXIT = "KNIK_HARD_EXIT"
"""Set by a command whose threads did not end in time."""


def main() -> NoReturn:
    """Run knik with the arguments of the process; never returns."""
    from knik.cli.app import app

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            # Unwinds like Ctrl-C, so that the terminal is put right and files are finished.
            signal.signal(getattr(signal, name), _terminate)
    code: object
    try:
        code = app(standalone_mode=False, prog_name="knik")
    except typer.Exit as stop:
        code = stop.exit_code
    except SystemExit as stop:
        code = stop.code
    except TyperException as error:
        # Usage errors show themselves with the usage line; the base class does not promise it.
        show = getattr(error, "show", None)
        if show is not None:
            show()
        code = getattr(error, "exit_code", 2)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        # The reader has heard enough; Python must not complain when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = report(KnikError(f"The system says: {error.strerror or error}.", "Is the disk full?"))
    except Exception as error:  # noqa: BLE001 - the last stop before the user
        code = report(error)
    _leave(code if isinstance(code, int) else 0)


def _leave(code: int) -> NoReturn:
    if os.environ.get(HARD_EXIT):
        # An engine is still computing on a daemon thread; the interpreter's clean end could crash
        # under it, and nothing is left to save.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _terminate(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def report(error: Exception) -> int:
    """Tell the user what went wrong; returns the exit code."""
    debug = bool(os.environ.get("KNIK_DEBUG"))
    if debug:
        traceback.print_exception(error)
    if isinstance(error, KnikError):
        sys.stderr.write(f"knik: {error.message}\n")
        if error.remedy:
            sys.stderr.write(f"      {error.remedy}\n")
        return error.exit_code
    sys.stderr.write(f"knik: unexpected {type(error).__name__}: {error}\n")
    if not debug:
        sys.stderr.write("      This is a bug in knik; please report it with the output of knik --debug.\n")
    return 1
