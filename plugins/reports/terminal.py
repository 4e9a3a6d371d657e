"""The terminal: a letter a check, the incidents with what to do, what could not be looked at, and the verdict line."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from typing import Any

import pytest

from fixtures.selection import SELECTION
from plugins.findings import Finding, Outcome
from plugins.incidents import Incident
from plugins.reports.place import report_dir
from plugins.reports.wording import LETTERS, verdict_line
from plugins.run import CONCLUSION, Conclusion

COLOURS = {"GO": {"green": True}, "NO-GO": {"red": True}, "UNKNOWN": {"yellow": True}}
MARKUP = {Outcome.UNKNOWN: {"yellow": True}, Outcome.INHIBITED: {"cyan": True}, Outcome.WAIVED: {"cyan": True}}
MOST_UNKNOWN = 20


def pytest_configure(config: pytest.Config) -> None:
    """Show incidents in place of pytest's own list of failures, unless the command line asks for that."""
    if SELECTION not in config.stash:
        return
    if config.option.tbstyle == "auto":
        config.option.tbstyle = "no"
    if config.option.reportchars == "fE":
        config.option.reportchars = "N"


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.CollectReport | pytest.TestReport) -> Any:
    """Letter and word of the outcomes that pytest does not know."""
    plain = getattr(report, "finding", None)
    if plain is None:
        return None
    outcome = Outcome(plain["outcome"])
    if outcome is Outcome.FAILED and not plain["blocking"]:
        return "below the gate", "w", ("WARNED", {"yellow": True})
    if outcome in MARKUP:
        return outcome.value, LETTERS[outcome], (outcome.upper(), MARKUP[outcome])
    return None


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Incidents first, then what could not be looked at."""
    conclusion = config.stash.get(CONCLUSION, None)
    if conclusion is None:
        return
    if conclusion.incidents:
        terminalreporter.section("incidents", sep="=", bold=True)
        for step in conclusion.prepare:
            terminalreporter.line(f"before the next steps: {step}")
        for incident in conclusion.incidents:
            _incident(terminalreporter, incident)
    _unknown(terminalreporter, conclusion.of(Outcome.UNKNOWN))
    for remark in conclusion.remarks:
        terminalreporter.line(f"not complete: {remark}", yellow=True, bold=True)


def _incident(terminal: Any, incident: Incident) -> None:
    colour = {"red": True} if incident.blocking else {"yellow": True}
    below = "" if incident.blocking else " (below the gate)"
    terminal.line("")
    terminal.line(
        f"{incident.severity} {incident.service} {incident.stage} {incident.region}: {incident.title}{below}",
        bold=True,
        **colour,
    )
    terminal.line(f"   respond by {incident.respond_by}: {' -> '.join(incident.escalation)}")
    terminal.line(f"   runbook    {incident.runbook}")
    if len(incident.checks) > 1:
        explained = len(incident.checks) - 1
        terminal.line(f"   explains   {explained} other check{'s' if explained > 1 else ''} on it")
    for number, step in enumerate(incident.next_steps):
        terminal.line(f"   {'next      ' if number == 0 else '          '} {step}")


def _unknown(terminal: Any, findings: Iterable[Finding]) -> None:
    findings = list(findings)
    if not findings:
        return
    terminal.section("could not look", sep="=", bold=True)
    by_reason: dict[str, list[Finding]] = {}
    for finding in findings:
        by_reason.setdefault(finding.reason or "", []).append(finding)
    worst_first = sorted(by_reason.items(), key=lambda pair: min(finding.severity or "P4" for finding in pair[1]))
    for reason, group in worst_first:
        terminal.line(f"{min(f.severity or 'P4' for f in group)} {reason}", yellow=True, bold=True)
        for finding in group[:MOST_UNKNOWN]:
            terminal.line(f"   {finding.check.id}")
        if len(group) > MOST_UNKNOWN:
            terminal.line(f"   and {len(group) - MOST_UNKNOWN} more: report.json lists them all")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """The verdict is the last thing said."""
    config = session.config
    if "hypothesis" not in sys.modules:
        # Its summary imports all of hypothesis to say nothing: a third of a second where no check has used it.
        config.pluginmanager.unregister(name="hypothesispytest")
    result = yield
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    conclusion = config.stash.get(CONCLUSION, None)
    if conclusion is not None and terminal is not None:
        _verdict(terminal, conclusion, config)
    return result


def _verdict(terminal: Any, conclusion: Conclusion, config: pytest.Config) -> None:
    folder = report_dir(config)
    if folder.is_relative_to(config.invocation_params.dir):
        folder = folder.relative_to(config.invocation_params.dir)
    terminal.line(f"reports in {folder}")
    terminal.line(verdict_line(conclusion), bold=True, **COLOURS[conclusion.verdict])
