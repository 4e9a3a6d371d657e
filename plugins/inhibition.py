"""Inhibition: a resource that does not exist explains why the other checks on it could not look."""

from __future__ import annotations

from plugins.findings import Check, Finding, Outcome


class Inhibition:
    """Knows which selected checks say that a resource exists, and which of them have failed so far.

    Checks that say so run first, and all checks of a service on a stage run in one process, so a cause is known before
    what it explains. Without a failed cause an unknown stays unknown: nothing is explained by a guess.
    """

    def __init__(self, checks: list[Check]) -> None:
        self._causes = {check.id for check in checks if check.says_existence}
        self._failed: dict[str, Finding] = {}

    def note(self, finding: Finding) -> None:
        """Remember a failed existence check."""
        if finding.outcome is Outcome.FAILED and finding.check.id in self._causes:
            self._failed[finding.check.resource_key] = finding

    def explain(self, finding: Finding) -> Finding:
        """The finding as inhibited, where an absent resource is the reason and a failed check of this run says so.

        A cause that does not block explains nothing that does: a mild finding must not hide a P1 that nobody saw.
        """
        cause = self._failed.get(finding.absent or "")
        if finding.outcome is not Outcome.UNKNOWN or cause is None or (finding.blocking and not cause.blocking):
            return finding
        reason = f"inhibited by {cause.check.id}: {cause.message}"
        return finding.with_(
            outcome=Outcome.INHIBITED,
            severity=None,
            blocking=False,
            reason=reason,
            message=reason,
            inhibited_by=cause.check.id,
        )
