"""What a check has found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        area: What it belongs to, such as "sound".
        name: What was looked at, such as "microphone".
        status: "warning" is something that works worse than it could, "failure" something that does not.
        told: What was found, for people.
        remedy: The command or step that mends it; empty where nothing is to be mended.
        facts: The same for programs.
    """

    area: str
    name: str
    status: Status
    told: str
    remedy: str = ""
    facts: dict[str, object] = field(default_factory=dict)


def healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing failed."""
    return all(finding.status != "failure" for finding in findings)
