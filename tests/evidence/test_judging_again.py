"""A recording is judged by today's limits and today's account ids."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Project, Ran
from tests.evidence.conftest import told

QUEUES_AND_LOGS = ("checks/smoke/test_queues.py", "checks/smoke/test_logs.py", "--stage=local", "--service=bg-remover")
FAULTS = ("--fault=dlq-backlog", "--fault=activity-paused", "--fault=logs-critical")
BACKLOG = "test_dead_letter_queue_is_empty[local:bg-remover:bg-remover-local-dlq]"
PAUSED = "test_activity_is_recent[local:bg-remover:embedding-generated]"
EXPORTS = "test_activity_is_recent[local:bg-remover:export-finished]"
CRITICAL = "test_logs_are_free_of_trouble[local:bg-remover:critical-validation]"
RECORDED = {BACKLOG: ("failed", "P2"), PAUSED: ("failed", "P3"), CRITICAL: ("failed", "P2")}
"""12 messages, half an hour of silence, and one line of trouble."""

MESSAGES = "dead_letter_messages: {unit: messages, above: {P3: 0, P2: 10}}"
SILENCE = "above: {P3: 300, P2: 3600}"
EXPORT_SILENCE = "above: {P3: 1800, P2: 3600}"
LINES = "lines: {unit: lines, above: {P2: 0}}"

LIMITS: dict[str, tuple[dict[str, str], dict[str, tuple[str, str] | None]]] = {
    "stricter and laxer": (
        {
            MESSAGES: MESSAGES.replace("P3: 0, P2: 10", "P3: 20"),
            SILENCE: "above: {P3: 300, P2: 1200}",
        },
        {BACKLOG: None, PAUSED: ("failed", "P2")},
    ),
    "other tiers": (
        {
            MESSAGES: MESSAGES.replace("P3: 0, P2: 10", "P4: 0, P3: 12"),
            # No window of so many seconds was asked for: they are within the hour that was.
            SILENCE: "above: {P3: 2400}",
            # Counting stopped at the first line, and whether there are five more nobody knows.
            LINES: LINES.replace("P2: 0", "P2: 5"),
            # Nor whether there was one in the last minute: the half hour was over with the first line.
            EXPORT_SILENCE: "above: {P3: 5, P2: 10000}",
        },
        {BACKLOG: ("failed", "P4"), PAUSED: None, CRITICAL: ("unknown", "P2"), EXPORTS: ("unknown", "P2")},
    ),
    "further back": (
        # The line that was seen is within two hours too.
        {SILENCE: "above: {P2: 7200}", EXPORT_SILENCE: "above: {P2: 7200}"},
        {PAUSED: None},
    ),
}


@pytest.fixture
def own(project: Project) -> Project:
    """A project with the suite's checks."""
    shutil.copytree(ROOT / "checks" / "smoke", project.path / "checks" / "smoke")
    return project


def amend(project: Project, changes: dict[str, str]) -> None:
    """Write other text in the catalogue, wherever one of its files has the old."""
    for before, after in changes.items():
        holders = [path for path in (project.path / "services").glob("*.yaml") if before in path.read_text()]
        assert len(holders) == 1, before
        holders[0].write_text(holders[0].read_text().replace(before, after))


def test_new_limits_judge_what_was_seen(own: Project, replay: Callable[..., Ran], tmp_path: Path) -> None:
    """In outcome and severity, as far as what was seen tells; beyond that the outcome is unknown, never passed."""
    path, services = tmp_path / "evidence.jsonl", own.path / "services"
    recorded = own.run_in(*QUEUES_AND_LOGS, *FAULTS, f"--record={path}", cwd=own.path)
    assert recorded.not_passed() == RECORDED, recorded.output
    shutil.copytree(services, tmp_path / "services")
    for changes, expected in LIMITS.values():
        shutil.copytree(tmp_path / "services", services, dirs_exist_ok=True)
        amend(own, changes)
        ran = replay(path, *QUEUES_AND_LOGS, cwd=own.path)
        together = {**RECORDED, **expected}
        assert ran.not_passed() == {check: result for check, result in together.items() if result}, ran.output
        unknown = [check["reason"] for check in ran.report["checks"] if check["outcome"] == "unknown"]
        assert all("the recording does not hold this fact" in reason and "limits" in reason for reason in unknown)


def test_another_gate_judges_what_was_seen(run: Callable[..., Ran], replay: Callable[..., Ran], tmp_path: Path) -> None:
    """A P3 blocks, or only warns."""
    path, given = tmp_path / "evidence.jsonl", ("checks/smoke/test_queues.py", "--stage=local", "--service=zae-limiter")
    assert run(*given, "--fault=dlq-message", f"--record={path}").code == 1
    assert replay(path, *given).report["verdict"] == "NO-GO"
    laxer = replay(path, *given, "--gate=P2")
    assert (laxer.code, laxer.report["verdict"]) == (0, "GO")
    assert [incident["severity"] for incident in laxer.report["incidents"]] == ["P3"]


def test_names_with_other_account_ids_line_up(own: Project, replay: Callable[..., Ran], tmp_path: Path) -> None:
    """The catalogue names a bucket after an account that is no stage's, and the file does not hold that id."""
    amend(own, {'{name: "carousel-labs-analytics-{stage}"}': '{name: "logs-999988887777"}'})
    amend(own, {'bucket: "carousel-labs-analytics-{stage}"': 'bucket: "logs-999988887777"'})
    path, given = tmp_path / "evidence.jsonl", ("checks", "--stage=local")
    recorded = own.run_in(*given, f"--record={path}", "--fault=topic-unconfirmed", cwd=own.path)
    assert recorded.code == 1, recorded.output
    assert "999988887777" not in path.read_text()
    expected = told(recorded)["checks"]
    assert told(replay(path, *given, cwd=own.path))["checks"] == expected


def test_what_was_seen_of_one_account_is_not_judged_as_another(
    own: Project, replay: Callable[..., Ran], tmp_path: Path
) -> None:
    """Another account's id in the catalogue since: a GO would be about an account that nobody looked at."""
    path, given = tmp_path / "evidence.jsonl", ("checks", "--stage=local", "--service=zae-limiter")
    assert own.run_in(*given, f"--record={path}", cwd=own.path).code == 0
    amend(own, {'"123456789012"': '"000011112222"'})
    replayed = replay(path, *given, cwd=own.path)
    assert replayed.code == 4
    assert "recorded when stage local was another account" in replayed.output
