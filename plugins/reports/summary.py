"""``summary.md``: the run on a CI job's page. Everything that came from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from plugins.findings import Finding, Outcome
from plugins.incidents import Incident
from plugins.reports.wording import incidents_by_severity, verdict_line
from plugins.run import Conclusion
from plugins.text import markdown, plain

MARKS = {"GO": "✅", "NO-GO": "❌", "UNKNOWN": "❔"}


def summary_of(conclusion: Conclusion) -> str:
    """The whole page, in Markdown."""
    return "\n".join(_lines(conclusion)) + "\n"


def _lines(conclusion: Conclusion) -> Iterator[str]:
    yield f"# {MARKS[conclusion.verdict]} {conclusion.verdict} for {', '.join(conclusion.stages)}"
    yield f"\n{markdown(verdict_line(conclusion))}"
    for remark in conclusion.remarks:
        yield f"\n**Not complete:** {markdown(remark)}"
    if conclusion.incidents:
        yield f"\n## Incidents ({incidents_by_severity(conclusion)})\n"
        yield "| severity | service | what | respond by | escalation | runbook |"
        yield "|---|---|---|---|---|---|"
        yield from (_row(incident) for incident in conclusion.incidents)
        yield "\n### Next steps\n"
        yield from (f"    {plain(step, 4000)}" for step in conclusion.prepare)
        yield ""
        for incident in conclusion.incidents:
            yield from _steps(incident)
    yield from _table("Could not look", conclusion.of(Outcome.UNKNOWN))
    yield from _table("Inhibited", conclusion.of(Outcome.INHIBITED))


def _row(incident: Incident) -> str:
    cells = (
        incident.severity,
        f"{incident.service} {incident.stage} {incident.region}",
        markdown(incident.title),
        incident.respond_by,
        " → ".join(incident.escalation),
        incident.runbook,
    )
    return "| " + " | ".join(cells) + " |"


def _steps(incident: Incident) -> Iterator[str]:
    where = f"{incident.service}, {incident.stage}, {incident.region}"
    yield f"{incident.severity} {markdown(incident.resource)} ({where}):\n"
    yield from (f"    {plain(step, 4000)}" for step in incident.next_steps)
    yield ""


def _table(title: str, findings: Iterable[Finding]) -> Iterator[str]:
    findings = list(findings)
    if not findings:
        return
    yield f"\n## {title} ({len(findings)})\n"
    yield "| severity | service | check | resource | reason |"
    yield "|---|---|---|---|---|"
    for finding in findings:
        name = finding.check.check.split("::")[-1]
        cells = (
            finding.severity or "",
            finding.check.service,
            name,
            markdown(finding.check.resource),
            markdown(finding.reason or ""),
        )
        yield "| " + " | ".join(cells) + " |"
