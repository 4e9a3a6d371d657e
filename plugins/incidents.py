"""Incidents: what somebody has to respond to, by when, and who is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fixtures.catalogue import Catalogue, Severity
from plugins.findings import Finding, Outcome

TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Incident:
    """One broken claim, with everything that it explains."""

    key: str
    """Stable hash of stage, account, region, service, resource and check."""
    severity: Severity
    service: str
    stage: str
    title: str
    """Kind and name of the resource, observed and expected, in a line."""
    resource: str
    region: str
    blocking: bool
    respond_by: str
    escalation: tuple[str, ...]
    checks: tuple[str, ...]
    """The failed check first, then those it inhibits."""
    runbook: str
    status: str
    first_seen: str
    next_steps: tuple[str, ...]


def incidents_of(findings: Iterable[Finding], catalogue: Catalogue) -> list[Incident]:
    """One incident for every failed check, the worst first."""
    findings = list(findings)
    inhibited: dict[str, list[str]] = {}
    for finding in findings:
        if finding.inhibited_by:
            inhibited.setdefault(finding.inhibited_by, []).append(finding.check.id)
    failed = [finding for finding in findings if finding.outcome is Outcome.FAILED]
    incidents = [_incident(finding, catalogue, inhibited.get(finding.check.id, [])) for finding in failed]
    return sorted(incidents, key=lambda incident: (incident.severity.level, incident.service, incident.resource))


def _incident(finding: Finding, catalogue: Catalogue, inhibited: list[str]) -> Incident:
    check = finding.check
    severity = Severity(finding.severity or check.severity)
    return Incident(
        key=incident_key(finding),
        severity=severity,
        service=check.service,
        stage=check.stage,
        title=f"{check.noun} {finding.message}",
        resource=check.resource,
        region=check.region,
        blocking=finding.blocking,
        respond_by=respond_by(finding),
        escalation=escalation(catalogue, check.issue_class, severity),
        checks=(check.id, *inhibited),
        runbook=check.runbook,
        status="new",
        first_seen=finding.detected,
        next_steps=finding.next_steps,
    )


def incident_key(finding: Finding) -> str:
    """The same for the same trouble in every run."""
    check = finding.check
    parts = (check.stage, check.account, check.region, check.service, check.resource, check.check)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def respond_by(finding: Finding) -> str:
    """When somebody has to have responded: detection plus the severity's response time, ISO 8601 in UTC."""
    severity = Severity(finding.severity or finding.check.severity)
    return (datetime.strptime(finding.detected, TIME) + severity.respond_within).strftime(TIME)


def escalation(catalogue: Catalogue, issue_class: str, severity: Severity) -> tuple[str, ...]:
    """Roles to ask, in order, for an issue of this class and severity."""
    steps = catalogue.escalation(issue_class)
    return tuple(role for step in steps if severity in step.severities for role in step.roles)
