"""The verdict: GO only where everything that matters was seen, and is well."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from plugins.findings import Finding, Outcome


class Verdict(StrEnum):
    """The answer of a run."""

    GO = "GO"
    NO_GO = "NO-GO"
    UNKNOWN = "UNKNOWN"


EXIT_CODES = {Verdict.GO: 0, Verdict.NO_GO: 1, Verdict.UNKNOWN: 6}


def verdict_of(findings: Iterable[Finding], is_complete: bool) -> Verdict:
    """NO-GO on a blocking failure; UNKNOWN on a blocking look that failed, a run cut short, or nothing judged."""
    findings = list(findings)
    blocking = {finding.outcome for finding in findings if finding.blocking}
    if Outcome.FAILED in blocking:
        return Verdict.NO_GO
    is_judged = any(finding.outcome in (Outcome.PASSED, Outcome.FAILED) for finding in findings)
    if Outcome.UNKNOWN in blocking or not is_complete or not is_judged:
        return Verdict.UNKNOWN
    return Verdict.GO


def exit_code_of(verdict: Verdict, pytest_exit_code: int) -> int:
    """The verdict's code where pytest came to its end; pytest's own where it was interrupted or ran nothing."""
    return EXIT_CODES[verdict] if pytest_exit_code in (0, 1) else pytest_exit_code
