"""What counts as a change between two runs."""

from dataclasses import asdict
from typing import Any

import pytest

from knik.bench.regression import compare
from knik.bench.scoring import Counts


def run(errors: list[int], repeats: int = 1, seconds: float = 0.2) -> dict[str, Any]:
    """Files of ten words each, with so many substitutions."""
    files = [
        {"file": f"{i}.wav", "seconds": {"stt": seconds}, "words": asdict(Counts(10 - wrong, wrong))}
        for i, wrong in enumerate(errors)
    ]
    return {"stages": {"stt": {}}, "files": files * repeats}


def verdicts(old: dict[str, Any], new: dict[str, Any]) -> dict[str, str]:
    return {change.name: change.verdict for change in compare(old, new)}


def test_a_clear_change_is_marked_with_its_direction() -> None:
    old, new = run([1] * 8, seconds=0.2), run([5] * 8, seconds=0.1)
    assert verdicts(old, new) == {"stt": "better", "wer": "worse"}
    assert verdicts(old, old) == {"stt": "same", "wer": "same"}


def test_repetitions_do_not_make_an_error_rate_surer() -> None:
    old, new = [0, 5, 1, 4, 2, 3], [1, 5, 2, 4, 3, 4]
    once, often = (compare(run(old, n), run(new, n))[-1] for n in (1, 20))
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    assert (often.old, often.new) == pytest.approx((15 / 60, 19 / 60))
    assert often.verdict == "same"


def test_without_references_only_the_speed_is_compared() -> None:
    silent = run([0, 0])
    for file in silent["files"]:
        del file["words"]
    assert verdicts(silent, silent) == {"stt": "same"}
