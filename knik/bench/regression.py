"""Has it become worse, beyond the noise of measuring?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from knik.bench.scoring import Counts
from knik.errors import KnikError

WRITE_ONE = "Write one: knik bench DIR --json > FILE"

RESAMPLES = 2_000
LEVEL = 0.95
"""Of the bootstrap interval (Efron and Tibshirani 1993, percentile method)."""

Verdict = Literal["better", "worse", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of this run against an older one; lower is better in all of them.

    Attributes:
        name: Such as "stt" or "wer".
        old: Median (or rate) then.
        new: Median (or rate) now.
        low: Lower end of the interval of new - old.
        high: Upper end.
    """

    name: str
    old: float
    new: float
    low: float
    high: float

    @property
    def verdict(self) -> Verdict:
        """Whether the interval leaves out "no change"."""
        if self.low > 0:
            return "worse"
        return "better" if self.high < 0 else "same"


def load_run(path: Path, mode: str) -> dict[str, Any]:
    """What `knik bench --json` wrote.

    Raises:
        KnikError: It is no such file, or of another mode, in which a stage does not mean the same.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KnikError(f"{path}: cannot be read ({error}).", WRITE_ONE) from error
    if not isinstance(found, dict) or not found.keys() >= {"mode", "stages", "files"}:
        raise KnikError(f"{path}: is no run of knik bench.", WRITE_ONE)
    if found["mode"] != mode:
        raise KnikError(f"{path}: is a run of {found['mode']}, not of {mode}.", WRITE_ONE, exit_code=2)
    return found


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Every stage that both runs have, and the word error rate."""
    stages = [stage for stage in new["stages"] if stage in old["stages"]]
    changes = [_change(stage, _seconds(old, stage), _seconds(new, stage), np.median) for stage in stages]
    then, now = _errors(old), _errors(new)
    if then.size and now.size:
        changes.append(_change("wer", then, now, _rate))
    return changes


def _change(name: str, old: Any, new: Any, figure: Any) -> Change:
    # The same seed for the same question, so that a report can be repeated.
    random = np.random.default_rng(1)
    differences = [
        float(figure(_resampled(random, new)) - figure(_resampled(random, old))) for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(differences, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Change(name, float(figure(old)), float(figure(new)), float(low), float(high))


def _resampled(random: np.random.Generator, values: Any) -> Any:
    return values[random.integers(0, len(values), len(values))]


def _rate(pairs: Any) -> float:
    length = float(pairs[:, 1].sum())
    return float(pairs[:, 0].sum()) / length if length else 0.0


def _seconds(run: Mapping[str, Any], stage: str) -> Any:
    return np.array([file["seconds"][stage] for file in run["files"] if stage in file["seconds"]])


def _errors(run: Mapping[str, Any]) -> Any:
    """Errors and length of each file with a reference, shape (files, 2).

    Repetitions of a file make the same errors: they are added up, so that the interval does not take
    them for more speech than there is.
    """
    files: dict[str, Counts] = {}
    for file in run["files"]:
        if "words" in file:
            files[file["file"]] = files.get(file["file"], Counts()) + Counts(**file["words"])
    return np.array([(counts.errors, counts.length) for counts in files.values()])
