"""How soon the program's first words are on the screen.

Each case is a process of its own. The baseline is a Python that imports typer and rich, on which any command
line like this one stands, and nothing else. Python's compiled files are in use, as they are from the second
start on; they lie in a folder of their own, so that it does not matter who may write beside the sources.
"""

import os
import subprocess
import sys
import tempfile

from benchmarks.common import arguments, compare, compiling_into, interleave, report

BASELINE = "import typer, rich"
CASES = {
    BASELINE: ["-c", BASELINE],
    "knik --version": ["-m", "knik", "--version"],
    "knik --help": ["-m", "knik", "--help"],
    "knik say --help": ["-m", "knik", "say", "--help"],
    "knik chat --help": ["-m", "knik", "chat", "--help"],
    "knik models --help": ["-m", "knik", "models", "--help"],
    "completing knik ch": ["-m", "knik"],
}
COMPLETING = {"COMP_WORDS": "knik ch", "COMP_CWORD": "1", "_KNIK_COMPLETE": "complete_bash"}


def measure(repetitions: int, compiled: str) -> dict[str, list[float]]:
    """Seconds of every case, by round; `compiled` is the folder of Python's compiled files."""
    env = compiling_into(compiled, os.environ)

    def run(name: str) -> None:
        extra = COMPLETING if name.startswith("completing") else {}
        command = [sys.executable, *CASES[name]]
        subprocess.run(command, env={**env, **extra}, stdout=subprocess.DEVNULL, check=True)

    return interleave({name: lambda name=name: run(name) for name in CASES}, repetitions)


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as compiled:
        samples = measure(5 if options.quick else 30, compiled)
    report("Start", compare(samples, BASELINE), options.json)


if __name__ == "__main__":
    main()
