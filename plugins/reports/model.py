"""``report.json``: what other programs rely on. ``python -m plugins.reports.model`` writes its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import indent
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from plugins.findings import Finding, shallow
from plugins.incidents import Incident
from plugins.run import Conclusion

NO_CHECKS = '"checks": []'
SUITE = "operational-verification"

Instant = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")]
SeverityName = Literal["P1", "P2", "P3", "P4"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Coverage(_Record):
    """How many distinct facts were asked for."""

    observed: int
    """Facts with an answer; that a resource is absent is an answer."""
    unknown: int
    """Facts that could not be looked at."""


class OwnCost(_Record):
    """What the run itself consumed."""

    usd: float
    calls: dict[str, int]
    """Requests sent, pages and retries included, by ``service.Operation``."""
    bytes: int
    """Bytes of the answers' bodies."""
    usd_by_operation: dict[str, float]
    bytes_by_operation: dict[str, int]
    throttled: dict[str, int]
    """Answers that said to ask more slowly, by ``service.Operation``."""
    seconds: float
    """From the first request to the last answer."""
    refused: dict[str, int]
    """Calls that the read-only guard did not let through, by ``service.Operation``."""


class CheckRecord(_Record):
    """One selected check; each has exactly one outcome."""

    id: str
    check: str
    title: str
    """The healthy state that the check claims."""
    service: str
    stage: str
    resource: str
    kind: str
    outcome: Literal["passed", "failed", "unknown", "inhibited", "waived"]
    severity: SeverityName | None
    """None unless failed, unknown or waived."""
    blocking: bool
    observed: str | None
    expected: str | None
    message: str
    reason: str | None
    runbook: str
    inhibited_by: str | None
    waiver: str | None
    duration_seconds: float


class IncidentRecord(_Record):
    """Something that somebody has to respond to."""

    key: str
    severity: SeverityName
    service: str
    stage: str
    title: str
    resource: str
    region: str
    blocking: bool
    respond_by: Instant
    escalation: list[str]
    checks: list[str]
    runbook: str
    status: Literal["new", "ongoing", "resolved"]
    first_seen: Instant
    next_steps: list[str]


class Report(_Record):
    """The whole of ``report.json``."""

    schema_version: Annotated[Literal[1], Field(alias="schema")]
    suite: str
    verdict: Literal["GO", "NO-GO", "UNKNOWN"]
    exit_code: int
    stages: list[str]
    gate: SeverityName
    started: Instant
    duration_seconds: float
    recorded: Instant | None
    """When what is judged was recorded; None where AWS itself was asked."""
    coverage: Coverage
    own_cost: OwnCost
    prepare: list[str]
    """What to do once before any of the incidents' next steps."""
    remarks: list[str]
    """What kept the run from being complete."""
    checks: list[CheckRecord]
    incidents: list[IncidentRecord]


def written(conclusion: Conclusion) -> Iterator[str]:
    """``report.json`` in pieces: the checks of a fleet are too many to be records all at once."""
    begin, end = _report_of(conclusion).model_dump_json(indent=1, by_alias=True).split(NO_CHECKS)
    yield begin + NO_CHECKS[:-1]
    for number, finding in enumerate(conclusion.findings):
        yield ("," if number else "") + "\n" + indent(_check(finding).model_dump_json(indent=1), "  ")
    yield f"\n ]{end}\n"


def _report_of(conclusion: Conclusion) -> Report:
    """The record of a finished run, but for its checks."""
    usage = conclusion.usage
    return Report.model_validate(
        {
            "schema": 1,
            "suite": SUITE,
            "verdict": conclusion.verdict.value,
            "exit_code": conclusion.exit_code,
            "stages": list(conclusion.stages),
            "gate": conclusion.gate.value,
            "started": conclusion.started,
            "duration_seconds": conclusion.duration_seconds,
            "coverage": Coverage(observed=conclusion.facts_observed, unknown=conclusion.facts_unknown),
            "own_cost": OwnCost(
                usd=round(usage.total_usd, 8),
                calls=dict(sorted(usage.calls.items())),
                bytes=usage.bytes_received.total(),
                usd_by_operation={name: round(usd, 8) for name, usd in sorted(usage.usd.items())},
                bytes_by_operation=dict(sorted(usage.bytes_received.items())),
                throttled=dict(sorted(usage.throttled.items())),
                seconds=conclusion.observing_seconds,
                refused=dict(sorted(usage.refused.items())),
            ),
            "recorded": conclusion.recorded,
            "prepare": list(conclusion.prepare),
            "remarks": list(conclusion.remarks),
            "checks": [],
            "incidents": [_incident(incident) for incident in conclusion.incidents],
        }
    )


def _check(finding: Finding) -> CheckRecord:
    check = finding.check
    fields = {
        **shallow(check),
        **shallow(finding),
        "check": check.check,
        "outcome": finding.outcome.value,
        "waiver": None,
    }
    return CheckRecord.model_validate({name: fields[name] for name in CheckRecord.model_fields})


def _incident(incident: Incident) -> IncidentRecord:
    fields = asdict(incident)
    fields.update({name: list(fields[name]) for name in ("escalation", "checks", "next_steps")})
    return IncidentRecord.model_validate({name: fields[name] for name in IncidentRecord.model_fields})


def schema() -> str:
    """The JSON Schema of ``report.json``."""
    return json.dumps(Report.model_json_schema(by_alias=True, mode="serialization"), indent=2) + "\n"


if __name__ == "__main__":
    (Path(__file__).parents[2] / "reports" / "report.schema.json").write_text(schema())
