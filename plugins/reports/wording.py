"""Words that every report shares, so that all of them say the same."""

from __future__ import annotations

from collections import Counter

from fixtures.catalogue import Severity
from plugins.findings import Outcome
from plugins.run import Conclusion

LETTERS = {
    Outcome.PASSED: ".",
    Outcome.FAILED: "F",
    Outcome.UNKNOWN: "U",
    Outcome.INHIBITED: "i",
    Outcome.WAIVED: "v",
}


def verdict_line(conclusion: Conclusion) -> str:
    """Verdict, stages, outcomes, share of facts observed, incidents, waived and own cost, in one line."""
    outcomes = conclusion.outcomes()
    shown = {outcome: count for outcome, count in outcomes.items() if count or outcome in SHOWN_AT_ZERO}
    counted = ", ".join(f"{count} {outcome}" for outcome, count in shown.items())
    below = sum(not finding.blocking for finding in conclusion.of(Outcome.FAILED))
    counted = counted.replace(" failed", f" failed ({below} below the gate)") if below else counted
    facts = conclusion.facts_observed + conclusion.facts_unknown
    share = f"{conclusion.facts_observed / facts:.0%}" if facts else "none"
    usage = conclusion.usage
    replayed = f" (recorded {conclusion.recorded})" if conclusion.recorded else ""
    return (
        f"{conclusion.verdict} {'+'.join(conclusion.stages)}{replayed}: {counted}"
        f" | {share} of {facts} facts observed | incidents: {incidents_by_severity(conclusion)}"
        f" | waived: {outcomes[Outcome.WAIVED]}"
        f" | {usage.total_usd:.4f} USD, {usage.calls.total()} calls, {conclusion.duration_seconds:.1f} s"
    )


SHOWN_AT_ZERO = (Outcome.PASSED, Outcome.FAILED, Outcome.UNKNOWN)


def incidents_by_severity(conclusion: Conclusion) -> str:
    """``P1 1, P3 2``, or ``none``."""
    counts = Counter(incident.severity for incident in conclusion.incidents)
    return ", ".join(f"{severity} {counts[severity]}" for severity in Severity if counts[severity]) or "none"
