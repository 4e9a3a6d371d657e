"""From what happened in a check to its finding: passed, failed, unknown or inhibited, and how severe."""

from __future__ import annotations

import re
import shlex
import traceback
from collections.abc import Generator
from datetime import UTC
from pathlib import Path

import pytest

from fixtures.catalogue import Limit, Severity
from fixtures.observations import INSTANT, READINGS, Readings, State, Unobserved
from fixtures.selection import SELECTION
from plugins.checks import CHECK, CHECKS
from plugins.findings import Check, Finding, Outcome
from plugins.incidents import respond_by
from plugins.inhibition import Inhibition
from plugins.options import gate
from plugins.text import plain

CLAIM = re.compile(r"(?s)^[^:]*: (?P<observed>.*), expected (?P<expected>.*)$")
"""How a check's message reads: ``resource: observed, expected …``."""

EXPLANATION = "\nassert "
"""What stands between a check's own message and pytest's explanation of the assert."""

CODE_ERRORS = (AttributeError, NameError, ImportError, SyntaxError)
"""Errors of a check's own code; their text holds names from the code and nothing from AWS."""


def pytest_configure(config: pytest.Config) -> None:
    """Judge in every process that runs checks."""
    if SELECTION in config.stash:
        # A check that returns what it should have asserted would pass on anything.
        config.addinivalue_line("filterwarnings", "error::pytest.PytestReturnNotNoneWarning")
        config.pluginmanager.register(Judge(config), "judge")


class Judge:
    """Judges the checks that this process runs, one at a time."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._gate = gate(config)
        self._inhibition = Inhibition([])
        self._breaches: dict[str, Severity] = {}

    def pytest_collection_finish(self) -> None:
        """Learn which checks can explain others."""
        self._inhibition = Inhibition(self._config.stash.get(CHECKS, []))

    def pytest_runtest_setup(self) -> None:
        """Forget the check before."""
        self._breaches = {}

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Explain a failed comparison with a limit, and note which tier it breached under that explanation."""
        if op == ">=":
            left, right = right, left
        if op not in ("<=", ">=") or not isinstance(right, Limit) or not isinstance(left, (int, float)):
            return None
        explanation = f"{right.show(left)} <= {right} [{left!r}, {dict(right.above)}]"
        severity = right.breach(left)
        if severity is not None:
            self._breaches[explanation] = severity
        return [explanation]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turn pytest's report of one phase into the check's."""
        report = yield
        check = item.stash.get(CHECK, None)
        if check is None:
            return report
        finding = self._judge(check, item, call)
        report.sections = []  # Captured output and logs may hold what services answered.
        if finding is not None:
            _show(finding, report, item)
            setattr(report, "finding", finding.to_plain())
        if call.when == "teardown":
            readings = item.stash.setdefault(READINGS, Readings())
            setattr(report, "facts", {reading.fact: reading.state.value for reading in readings.readings})
            if readings.usage.is_any:
                setattr(report, "usage", readings.usage.to_plain())
            # A fleet has tens of thousands of checks, and pytest keeps them all.
            del item.stash[READINGS]
            item.user_properties = []
        return report

    def _judge(self, check: Check, item: pytest.Item, call: pytest.CallInfo[None]) -> Finding | None:
        """The finding of one phase; None for a set-up or tear-down that went well, which says nothing."""
        error = call.excinfo.value if call.excinfo else _unseen(item) if call.when == "call" else None
        if error is None and call.when != "call":
            return None
        blank = Finding(
            check,
            Outcome.PASSED,
            detected=self._detected(item),
            duration_seconds=round(call.duration, 6),
        )
        if error is None:
            return blank
        if call.when == "call" and is_broken_claim(error):
            finding = self._failed(blank, error)
        else:
            finding = self._inhibition.explain(_unknown(blank, error, item))
        self._inhibition.note(finding)
        return finding.with_(next_steps=_next_steps(check, item))

    def _detected(self, item: pytest.Item) -> str:
        """When AWS gave the last answer that the check has judged, or when the run looked where it has judged none."""
        seen = item.stash.get(READINGS, Readings()).latest
        return (seen or self._config.stash[INSTANT]).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _failed(self, blank: Finding, error: BaseException) -> Finding:
        check = blank.check
        severity = self._breaches.get(explanation_of(error), Severity(check.severity)).capped(Severity(check.cap))
        message = claim_of(error, check)
        parts = CLAIM.match(message)
        return blank.with_(
            outcome=Outcome.FAILED,
            severity=severity.value,
            blocking=severity.is_at_least(self._gate),
            message=plain(message),
            observed=plain(parts["observed"]) if parts else None,
            expected=plain(parts["expected"]) if parts else None,
        )


def _unseen(item: pytest.Item) -> Unobserved | None:
    """Why a check that raised nothing may not pass all the same: it was told nothing, and somebody swallowed that."""
    readings = item.stash.get(READINGS, Readings())
    if readings.usage.refused:
        return Unobserved(State.REFUSED, f"the read-only guard refused {', '.join(sorted(readings.usage.refused))}")
    unseen = [reading for reading in readings.readings if reading.state not in (State.VALUE, State.ABSENT)]
    return Unobserved(unseen[0].state, "the check passed over a look that did not succeed") if unseen else None


def is_broken_claim(error: BaseException) -> bool:
    """Whether a check said, by an assert or ``pytest.fail``, that its claim does not hold."""
    if isinstance(error, BaseExceptionGroup):
        return any(is_broken_claim(inner) for inner in error.exceptions)
    is_failure = isinstance(error, (AssertionError, pytest.fail.Exception))
    return is_failure and not isinstance(error, pytest.xfail.Exception)


def claim_of(error: BaseException, check: Check) -> str:
    """The check's own message, the resource in front. Never pytest's explanation: it shows whatever was compared."""
    message = str(error)
    is_explained = message.startswith(EXPLANATION.strip()) or EXPLANATION in message
    said = message.rpartition(EXPLANATION)[0] if is_explained else message
    if not said.strip() or isinstance(error, BaseExceptionGroup):
        return f"{check.resource}: does not hold, expected: {check.title}"
    return said if CLAIM.match(said) or said.startswith(check.resource) else f"{check.resource}: {said}"


def explanation_of(error: BaseException) -> str:
    """pytest's explanation where the whole assert is one comparison; only then is it known what failed."""
    explanation = ("\n" + str(error)).rpartition(EXPLANATION)[2]
    return explanation.partition("\n")[0]


def _unknown(blank: Finding, error: BaseException, item: pytest.Item) -> Finding:
    """The finding of a check that could not look, with the resource whose absence kept it from looking."""
    unknown = blank.as_unknown(plain(reason_of(error, item)))
    if isinstance(error, Unobserved) and error.state is State.ABSENT:
        return unknown.with_(absent=error.about)
    return unknown


def reason_of(error: BaseException, item: pytest.Item) -> str:
    """Why a check could not look."""
    if isinstance(error, Unobserved):
        return str(error)
    if isinstance(error, (pytest.skip.Exception, pytest.xfail.Exception)):
        return f"the check did not judge ({type(error).__name__.lower()}: {error}); a check is never skipped"
    said = f": {error}" if isinstance(error, CODE_ERRORS) else ""
    return f"the check itself broke with {type(error).__name__} at {_place(error, item)}{said}"


def _place(error: BaseException, item: pytest.Item) -> str:
    """File and line, within the project, where the check's code was when it broke."""
    root = item.config.rootpath
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root)]
    if not frames:
        return item.nodeid
    return f"{Path(frames[-1].filename).relative_to(root)}:{frames[-1].lineno}"


def _next_steps(check: Check, item: pytest.Item) -> tuple[str, ...]:
    """Commands that show a person what the check saw, and the one that checks again."""
    option = item.config.option
    readings = item.stash.get(READINGS, Readings())
    again = ["pytest", check.id, f"--stage={check.stage}", "--report-dir=reports/again"]
    again += [f"--endpoint-url={option.endpoint_url}"] if option.endpoint_url else []
    again += [f"--gate={option.gate}"] if option.gate != "P3" else []
    again += [f"--fault={name}" for name in option.fault]
    return (*map(plain_command, readings.commands), shlex.join(again))


def plain_command(command: str) -> str:
    """A command on one line, whole: a command that is cut short would do something else."""
    return plain(command, max_length=4000)


def _show(finding: Finding, report: pytest.TestReport, item: pytest.Item) -> None:
    """Make pytest's report say what the finding says: failure, error or skip, in a few words and without values."""
    if hasattr(report, "wasxfail"):
        del report.wasxfail
    place = f"{finding.check.file}:{finding.check.line}"
    if finding.outcome is Outcome.PASSED:
        report.outcome = "passed"
        report.longrepr = None
    elif finding.outcome is Outcome.INHIBITED:
        report.outcome = "skipped"
        report.longrepr = (finding.check.file, finding.check.line, f"Skipped: {finding.reason}")
    else:
        report.outcome = "failed"
        report.longrepr = f"{finding.check.title}\n{finding.message}\n{place}"
    if finding.outcome is Outcome.UNKNOWN and report.when == "call":
        # JUnit and pytest-html call a failure outside the call phase an error, which is what unknown is to them.
        report.when = "setup"
    if finding.severity:
        _set_property(item, "severity", finding.severity)
    if finding.outcome is not Outcome.PASSED:
        _set_property(item, "outcome", finding.outcome.value)
    if finding.outcome is Outcome.FAILED:
        _set_property(item, "respond_by", respond_by(finding))


def _set_property(item: pytest.Item, name: str, value: str) -> None:
    item.user_properties[:] = [pair for pair in item.user_properties if pair[0] != name] + [(name, str(value))]
