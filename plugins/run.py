"""The run as a whole, on the controller: every selected check gets exactly one outcome, and the run one verdict."""

from __future__ import annotations

import re
import shlex
import sys
import warnings
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC

import pytest

from fixtures.catalogue import Severity
from fixtures.observations import CLOCK, CONSUMED, RECORDED, STARTED, Consumed, State, Usage
from fixtures.selection import SELECTION, verifies
from plugins.checks import CHECKS
from plugins.distribution import checks_of_workers
from plugins.findings import Check, Finding, Outcome
from plugins.incidents import TIME, Incident, incidents_of
from plugins.options import gate
from plugins.text import plain
from plugins.verdict import Verdict, exit_code_of, verdict_of


@dataclass(frozen=True)
class Conclusion:
    """Everything that a report can say about a finished run."""

    verdict: Verdict
    exit_code: int
    stages: tuple[str, ...]
    services: tuple[str, ...]
    gate: Severity
    started: str
    duration_seconds: float
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    facts_observed: int
    facts_unknown: int
    usage: Usage
    observing_seconds: float
    """From the first request to the last answer."""
    recorded: str | None
    """When what is judged was recorded; None where AWS itself was asked."""
    prepare: tuple[str, ...]
    """What to do once before any of the incidents' next steps."""
    remarks: tuple[str, ...]
    """What kept the run from being complete, such as a file that could not be collected."""

    def outcomes(self) -> dict[Outcome, int]:
        """How many checks had each outcome."""
        counts = Counter(finding.outcome for finding in self.findings)
        return {outcome: counts[outcome] for outcome in Outcome}

    def of(self, outcome: Outcome) -> list[Finding]:
        """The findings with one outcome, in the order they ran."""
        return [finding for finding in self.findings if finding.outcome is outcome]


ENDINGS = {
    2: "the run was interrupted",
    3: "pytest broke; its own output says where",
    4: "pytest was not called properly",
    5: "nothing was selected: check the paths, -k, -m, --service and --stage",
}
"""pytest's exit codes for a run that did not come to its end."""

CONCLUSION = pytest.StashKey[Conclusion]()


def pytest_configure(config: pytest.Config) -> None:
    """Gather on the controller only: it sees every report, its workers see their own."""
    if verifies(config) and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Run(config), "run")


@dataclass(eq=False)
class Run:
    """Gathers what workers and this process report, and concludes."""

    config: pytest.Config
    findings: dict[str, Finding] = field(default_factory=dict)
    facts: dict[str, State] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    remarks: list[str] = field(default_factory=list)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected, or skips itself, may hold any check: the run is not complete without it."""
        if report.failed:
            self.remarks.append(plain(f"{report.nodeid} could not be collected: {_said(report)}"))
        elif report.skipped:
            self.remarks.append(plain(f"{report.nodeid} skipped itself; a check is never skipped"))

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """pytest warns, and no more, when it passes over something that looks like a check."""
        if issubclass(warning_message.category, pytest.PytestCollectionWarning):
            self.remarks.append(plain(str(warning_message.message)))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in one phase of one check."""
        if plain_finding := getattr(report, "finding", None):
            self._take(Finding.from_plain(plain_finding))
        elif report.failed:
            # Nobody has judged it: its process died, or something other than a check ran along.
            self.remarks.append(plain(f"{report.nodeid} ended without being judged"))
        for fact, state in getattr(report, "facts", {}).items():
            self.facts[fact] = State(state)
        if usage := getattr(report, "usage", None):
            self.usage.add(Usage.from_plain(usage))

    def _take(self, finding: Finding) -> None:
        """A later phase can only make a finding worse: a failed tear-down undoes a pass, never a failure."""
        known = self.findings.get(finding.check.id)
        if known is None or finding.badness > known.badness:
            self.findings[finding.check.id] = finding

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Generator[None, object, object]:
        """Conclude before any report is written, and have the last word on the exit code."""
        self.config.stash[CONCLUSION] = conclusion = self.conclude(int(exitstatus))
        try:
            return (yield)
        except Exception as error:
            # Not pytest's crash with exit code 1, which would be a NO-GO.
            sys.stderr.write(f"\nERROR: a report could not be written: {type(error).__name__}: {error}\n")
            conclusion = replace(conclusion, exit_code=3)
            return None
        finally:
            session.exitstatus = conclusion.exit_code

    def conclude(self, pytest_exit_code: int) -> Conclusion:
        """The findings of every selected check, in order, and what follows from them."""
        selection = self.config.stash[SELECTION]
        findings = tuple(self._all_findings())
        remarks = list(dict.fromkeys(self.remarks))
        if pytest_exit_code not in (0, 1):
            remarks.append(ENDINGS.get(pytest_exit_code, f"pytest ended with exit code {pytest_exit_code}"))
        verdict = verdict_of(findings, is_complete=not remarks)
        started, consumed = self.config.stash[STARTED], self._consumed()
        states = list(self.facts.values())
        return Conclusion(
            verdict=verdict,
            exit_code=exit_code_of(verdict, pytest_exit_code),
            stages=selection.stages,
            services=tuple(sorted({finding.check.service for finding in findings})),
            gate=gate(self.config),
            started=started.astimezone(UTC).strftime(TIME),
            duration_seconds=round((self.config.stash[CLOCK]() - started).total_seconds(), 3),
            findings=findings,
            incidents=tuple(incidents_of(findings, selection.catalogue)),
            facts_observed=sum(state in (State.VALUE, State.ABSENT) for state in states),
            facts_unknown=sum(state not in (State.VALUE, State.ABSENT) for state in states),
            usage=consumed.usage,
            observing_seconds=round(consumed.seconds, 3),
            recorded=recorded.strftime(TIME) if (recorded := self.config.stash.get(RECORDED, None)) else None,
            prepare=tuple(self._serve_again()) if any(f.outcome is Outcome.FAILED for f in findings) else (),
            remarks=tuple(remarks),
        )

    def _consumed(self) -> Consumed:
        """What the observer has taken, and the checks past it. A replay takes nothing: it tells what was recorded."""
        if (tell := self.config.stash.get(CONSUMED, None)) is None:
            return Consumed(self.usage, 0.0)
        consumed = tell()
        if RECORDED not in self.config.stash:
            self.usage.add(consumed.usage)
            return Consumed(self.usage, consumed.seconds)
        return consumed

    def _all_findings(self) -> Iterator[Finding]:
        others = dict(self.findings)
        for check in self._selected():
            yield others.pop(check.id) if check.id in others else self._not_run(check)
        yield from others.values()

    def _serve_again(self) -> Iterator[str]:
        """Next steps on the embedded stage need a cloud that stands, and its made-up credentials."""
        selection, option = self.config.stash[SELECTION], self.config.option
        if any(selection.catalogue.stages[stage].embedded for stage in selection.stages):
            if not option.endpoint_url:
                faults = [word for name in option.fault for word in ("--fault", name)]
                yield shlex.join(["python", "-m", "fixtures.embedded", "--port", "5000", *faults]) + " &"
            yield "export AWS_ACCESS_KEY_ID=embedded AWS_SECRET_ACCESS_KEY=embedded"

    def _selected(self) -> Iterable[Check]:
        """Under xdist the controller collects nothing: its workers say what they run."""
        return self.config.stash.get(CHECKS, None) or checks_of_workers(self.config)

    def _not_run(self, check: Check) -> Finding:
        """A selected check that the run did not get to, or whose process died: nobody looked."""
        detected = self.config.stash[CLOCK]().astimezone(UTC).strftime(TIME)
        blank = Finding(check, Outcome.UNKNOWN, detected=detected)
        return blank.as_unknown("it did not run to its end: the run was cut short before")


def _said(report: pytest.CollectReport) -> str:
    """Where and why, from the last line of pytest's own explanation and the last place that it names."""
    lines = [line.removeprefix("E").strip() for line in report.longreprtext.splitlines() if line.strip()]
    places = re.findall(r"[\w/.-]+\.py:\d+|line \d+", report.longreprtext)
    place = f"{places[-1]}: " if places else ""
    return f"{place}{lines[-1]}" if lines else "no reason given"
