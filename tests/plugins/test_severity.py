"""Severities: markers, tiers, the stage's cap, the gate, and the laws of the verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.catalogue import Severity
from plugins.findings import Check, Finding, Outcome
from plugins.verdict import Verdict, exit_code_of, verdict_of
from tests.conftest import Project

OWN = '@pytest.mark.severity("{severity}")\ndef test_own(dead_letter_queue):\n    """Healthy."""\n    {body}\n'


@pytest.mark.parametrize(
    ("severity", "gate", "code"),
    [("P1", "P1", 1), ("P2", "P1", 0), ("P3", "P3", 1), ("P4", "P3", 0), ("P4", "P4", 1)],
)
def test_the_gate_decides_what_blocks(project: Project, severity: str, gate: str, code: int) -> None:
    """A failure below the gate is an incident all the same."""
    project.check(OWN.format(severity=severity, body="assert False, f'{dead_letter_queue}: bad, expected good'"))
    ran = project.run("--service=bg-remover", f"--gate={gate}")
    assert ran.code == code, ran.output
    (incident,) = ran.report["incidents"]
    assert (incident["severity"], incident["blocking"]) == (severity, code == 1)
    (check,) = ran.report["checks"]
    assert (check["observed"], check["expected"]) == ("bad", "good")


@pytest.mark.parametrize(("depth", "severity"), [(1, "P3"), (10, "P3"), (11, "P2"), ("float('nan')", "P2")])
def test_the_highest_tier_breached_decides(project: Project, depth: object, severity: str) -> None:
    """The marker is the worst it can be; the limit says how bad it is."""
    body = f"assert {depth} <= dead_letter_queue.max_depth, 'q: too many, expected fewer'"
    project.check(OWN.format(severity="P2", body=body))
    ran = project.run("--service=bg-remover")
    (check,) = ran.report["checks"]
    assert check["severity"] == severity


def test_the_stage_caps_severity(project: Project) -> None:
    """A dead lower stage pages nobody; whoever could not look there still does not get a GO."""
    stages = project.path / "services" / "stages.yaml"
    stages.write_text(stages.read_text().replace("severity_cap: P1", "severity_cap: P3", 1))
    project.check(OWN.format(severity="P1", body="assert False, 'q: bad, expected good'"), "test_failed.py")
    project.check(OWN.format(severity="P1", body="pytest.skip('later')"), "test_unknown.py")
    ran = project.run("--service=bg-remover", "--gate=P2")
    assert ran.code == 6, ran.output
    assert {check["outcome"]: (check["severity"], check["blocking"]) for check in ran.report["checks"]} == {
        "failed": ("P3", False),
        "unknown": ("P3", True),
    }


def finding(outcome: Outcome, blocking: bool) -> Finding:
    check = Check(*(["x"] * 15), says_existence=False, file="x", line=1)
    return Finding(check, outcome, blocking=blocking)


findings = st.lists(st.builds(finding, st.sampled_from(list(Outcome)), st.booleans()))


@given(findings, st.booleans())
def test_go_means_that_nothing_that_matters_failed_or_was_not_seen(some: list[Finding], is_complete: bool) -> None:
    """The law that the product stands on."""
    bad = any(f.blocking and f.outcome in (Outcome.FAILED, Outcome.UNKNOWN) for f in some)
    is_judged = any(f.outcome in (Outcome.PASSED, Outcome.FAILED) for f in some)
    assert (verdict_of(some, is_complete) is Verdict.GO) == (is_complete and is_judged and not bad)


@given(findings, findings, st.booleans())
def test_more_findings_never_turn_a_no_go(some: list[Finding], more: list[Finding], is_complete: bool) -> None:
    """A failure stays decisive whatever else is seen."""
    if verdict_of(some, is_complete) is Verdict.NO_GO:
        assert verdict_of(some + more, is_complete) is Verdict.NO_GO


@given(st.sampled_from(list(Verdict)), st.integers(2, 5))
def test_pytests_own_exit_codes_keep_their_meaning(verdict: Verdict, code: int) -> None:
    """An interrupted run never exits 0."""
    assert exit_code_of(verdict, code) == code


def test_response_times_are_the_operating_rules() -> None:
    """15 minutes, 1 hour, 4 hours, 24 hours."""
    assert [severity.respond_within.total_seconds() / 60 for severity in Severity] == [15, 60, 240, 1440]
