"""How long each stage may take."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knik.bench.results import Results
from knik.errors import KnikError
from knik.trace.stats import percentile

DEFAULT: Mapping[str, float] = {"stt": 350, "first_token": 200, "first_audio": 150, "total": 800}
"""Milliseconds."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A stage's median against its budget, both in milliseconds."""

    stage: str
    allowed: float
    took: float

    @property
    def kept(self) -> bool:
        """Whether it stayed within."""
        return self.took <= self.allowed


def load_budget(path: Path) -> dict[str, float]:
    """Milliseconds by stage from a TOML file such as `total = 800`.

    Raises:
        KnikError: The file is missing or broken, or names a stage that there is not.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise KnikError(f"{path}: is no budget ({error}).", "Write lines such as: total = 800") from error
    stages = {*DEFAULT, "endpoint", "first_clause"}
    for stage, limit in found.items():
        if stage not in stages or isinstance(limit, bool) or not isinstance(limit, int | float):
            raise KnikError(
                f"{path}: {stage} = {limit!r} is no budget.",
                f"Give milliseconds for {', '.join(sorted(stages))}.",
                exit_code=2,
            )
    return {stage: float(limit) for stage, limit in found.items()}


def check(results: Results, budget: Mapping[str, float]) -> list[Verdict]:
    """Every budgeted stage that was measured."""
    stages = results.stages()
    return [
        Verdict(stage, allowed, 1000 * percentile(stages[stage], 0.5))
        for stage, allowed in budget.items()
        if stage in stages
    ]
