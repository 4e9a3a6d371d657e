"""What a check is, and what came of it: plain data that travels between processes and into every report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from fixtures.catalogue import Severity


class Outcome(StrEnum):
    """The one outcome that every selected check has."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    INHIBITED = "inhibited"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Check:
    """A selected check: one function on one resource of one stage. All fields are plain text."""

    id: str
    """pytest's node id."""
    check: str
    """The node id without its parameters."""
    title: str
    """First sentence of the docstring: the healthy state."""
    kind: str
    """The folder under ``checks/``."""
    service: str
    stage: str
    account: str
    region: str
    resource: str
    resource_key: str
    noun: str
    """What kind of thing the resource is, in words."""
    issue_class: str
    severity: str
    """Severity by the marker, before the stage's cap."""
    cap: str
    """The worst severity that the stage allows."""
    runbook: str
    says_existence: bool
    """Whether this check says that its resource exists, and so explains the others on it when it does not."""
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check."""

    check: Check
    outcome: Outcome
    severity: str | None = None
    """The severity it counts with, after tiers and cap; None where it passed or was inhibited."""
    blocking: bool = False
    """Whether it keeps the verdict from being GO."""
    observed: str | None = None
    expected: str | None = None
    message: str = ""
    reason: str | None = None
    """Why it is unknown or inhibited."""
    absent: str | None = None
    """Key of the resource whose absence kept the check from looking."""
    inhibited_by: str | None = None
    detected: str = ""
    """When it was judged, ISO 8601 in UTC."""
    duration_seconds: float = 0.0
    next_steps: tuple[str, ...] = ()

    def as_unknown(self, reason: str) -> Finding:
        """Could not look. It counts with the worst that a failure could have been, because nobody knows better."""
        severity = Severity(self.check.severity)
        return self.with_(
            outcome=Outcome.UNKNOWN,
            severity=severity.capped(Severity(self.check.cap)).value,
            blocking=severity.is_at_least(Severity.P2),
            message=f"{self.check.resource}: unknown, {reason}",
            reason=reason,
        )

    @property
    def badness(self) -> tuple[int, bool, int]:
        """Larger is worse: the outcome first, then whether it blocks, then the severity."""
        order = (Outcome.PASSED, Outcome.WAIVED, Outcome.INHIBITED, Outcome.UNKNOWN, Outcome.FAILED)
        return order.index(self.outcome), self.blocking, -int((self.severity or "P9")[1])

    def to_plain(self) -> dict[str, Any]:
        """For a report that travels: nothing but text, numbers, lists and mappings."""
        next_steps = list(self.next_steps)
        return {**shallow(self), "check": shallow(self.check), "outcome": self.outcome.value, "next_steps": next_steps}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Finding:
        """The reverse of ``to_plain``."""
        return cls(
            **{
                **plain,
                "check": Check(**plain["check"]),
                "outcome": Outcome(plain["outcome"]),
                "next_steps": tuple(plain["next_steps"]),
            }
        )

    def with_(self, **changes: Any) -> Finding:
        """A copy with some fields changed."""
        return replace(self, **changes)


def shallow(record: Check | Finding) -> dict[str, Any]:
    """The fields of a record and their values as they are; ``asdict`` would copy everything in them."""
    return {name: getattr(record, name) for name in record.__slots__}
