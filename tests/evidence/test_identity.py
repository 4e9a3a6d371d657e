"""A replay says what the recorded run said: half a year later, with nobody to ask, with and without workers."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Project, Ran
from tests.evidence.conftest import LATER, SMALL, Offline, told, verdict_line

FAULTS = {
    "activity-stopped": ("failed", "P2"),
    "denied=sns.GetTopicAttributes": ("unknown", "P3"),
    "dlq-message": ("failed", "P3"),
    "health-endpoint-down": ("failed", "P1"),
    "stack-updating": ("failed", "P4"),
    "table-deleted": ("inhibited", None),
}
"""Faults that happen together, and what is among what comes of each."""

ICEBERG = "checks/smoke/test_storage.py::test_iceberg_table_exists"

WORKERS: dict[str, tuple[str, ...]] = {"alone": (), "n2": ("-n2",)}


def cases(ran: Ran) -> set[tuple[Any, ...]]:
    """What JUnit says of each check: its name, its properties, and what is wrong with it."""
    return {
        (
            case.get("name"),
            tuple((one.get("name"), one.get("value")) for one in case.iter("property")),
            tuple((one.tag, one.get("message"), one.text) for one in case if one.tag != "properties"),
        )
        for case in ET.parse(ran.reports / "junit.xml").getroot().iter("testcase")
    }


def everything(ran: Ran) -> tuple[Any, ...]:
    summary = (ran.reports / "summary.md").read_text().splitlines()
    return ran.code, told(ran), verdict_line(ran), [line for line in summary if " USD, " not in line], cases(ran)


@pytest.mark.parametrize("workers", WORKERS)
def test_a_run_with_many_faults_is_replayed_as_it_was(
    run: Callable[..., Ran], replay: Callable[..., Ran], offline: Offline, tmp_path: Path, workers: str
) -> None:
    """Outcomes, severities, words, incidents, coverage, own cost, times and exit code; whoever records and replays."""
    path = tmp_path / "evidence.jsonl"
    faults = [f"--fault={name}" for name in FAULTS]
    recorded = run("checks", "--stage=local", *faults, f"--record={path}", *WORKERS[workers])
    assert recorded.code == 1, recorded.output
    assert set(FAULTS.values()) <= set(recorded.not_passed().values())
    expected, started = everything(recorded), recorded.report["started"]
    for again in WORKERS.values():
        replayed = replay(path, "checks", "--stage=local", *again)
        assert everything(replayed) == expected
        assert replayed.report["recorded"] == started
        assert f"NO-GO local (recorded {started}): " in replayed.output
    assert offline.attempts == ""


def test_a_healthy_run_is_replayed_as_it_was(
    run: Callable[..., Ran], replay: Callable[..., Ran], offline: Offline, tmp_path: Path, cloud: str
) -> None:
    """GO stays GO, with everything observed, and nobody is asked for it."""
    path = tmp_path / "evidence.jsonl"
    recorded = run("checks", "--stage=local", f"--endpoint-url={cloud}", f"--record={path}")
    assert recorded.code == 0, recorded.output
    expected = everything(recorded)
    assert everything(replay(path, "checks", "--stage=local", "-n2")) == expected
    assert offline.attempts == ""


def test_hostile_text_and_throttling_are_replayed_as_they_were(
    run: Callable[..., Ran], replay: Callable[..., Ran], tmp_path: Path
) -> None:
    """Markup, escapes and null bytes pass through the file and act nowhere, there neither."""
    path = tmp_path / "evidence.jsonl"
    given = ("checks/smoke/test_health_endpoints.py", ICEBERG, "--stage=local", "--service=bg-remover")
    recorded = run(*given, "--fault=health-endpoint-hostile", "--fault=throttled=glue.GetTable", f"--record={path}")
    assert recorded.code == 1, recorded.output
    assert {outcome for outcome, _ in recorded.not_passed().values()} == {"failed", "unknown"}
    assert not set(path.read_text()) & set("\x00\x1b\u202e")
    expected = everything(recorded)
    assert everything(replay(path, *given)) == expected


def test_an_account_of_no_stage_is_not_told(
    run: Callable[..., Ran], replay: Callable[..., Ran], tmp_path: Path
) -> None:
    """The one thing that a replay says otherwise: that it is another account, and not which."""
    path = tmp_path / "evidence.jsonl"
    recorded = run(*SMALL, "--fault=account-switched", f"--record={path}")
    assert "credentials of 999999999999" in recorded.report["incidents"][0]["title"]
    expected = json.dumps(told(recorded)).replace("of 999999999999", "of <account #562d>")
    assert "999999999999" not in path.read_text()
    assert told(replay(path)) == json.loads(expected.replace('"999999999999"', '"<account #562d>"'))


def test_nobody_can_be_asked_where_replays_are_tested(run: Callable[..., Ran], offline: Offline, cloud: str) -> None:
    """Otherwise the tests above would show nothing: without a recording, the same place reaches no one."""
    blocked = {**offline.env, "AWS_ENDPOINT_URL": ""}
    assert f"nothing answers at {cloud}" in run(*SMALL, f"--endpoint-url={cloud}", env=blocked).output
    assert "socket.getaddrinfo" in offline.attempts
    connect = [sys.executable, "-c", "import socket; socket.socket().connect(('127.0.0.1', 9))"]
    refused = subprocess.run(connect, env=blocked, capture_output=True, text=True, check=False)
    assert "nobody can be asked here" in refused.stderr
    assert run(*SMALL, env=blocked).code not in (0, 1, 6)
    assert "subprocess.Popen" in offline.attempts


def test_the_clock_is_another_where_replays_are_tested(run: Callable[..., Ran], cloud: str) -> None:
    """Otherwise the tests above would not show that the recorded clock counts."""
    ran = run(*SMALL, f"--endpoint-url={cloud}", *LATER)
    assert ran.code == 0, ran.output
    assert datetime.fromisoformat(ran.report["started"]) > datetime.now(UTC) + timedelta(days=179)


OWN_CLIENT = '''
import boto3


@pytest.mark.severity("P1")
def test_own(account):
    """There are queues."""
    assert boto3.client("sqs", region_name="eu-west-1", endpoint_url=URL).list_queues()["QueueUrls"]
'''


def test_a_client_of_a_checks_own_is_refused(
    project: Project, replay: Callable[..., Ran], offline: Offline, tmp_path: Path
) -> None:
    """It asks AWS past what is recorded: unknown, and neither the network nor a credential is looked for."""
    project.check(OWN_CLIENT.replace("URL", repr(project.cloud)))
    path = tmp_path / "evidence.jsonl"
    credentials = {"AWS_ACCESS_KEY_ID": "embedded", "AWS_SECRET_ACCESS_KEY": "embedded"}
    assert project.run(f"--record={path}", "--service=bg-remover", env=credentials).code == 0
    replayed = replay(path, "checks", "--stage=local", "--service=bg-remover", cwd=project.path)
    assert replayed.code == 6, replayed.output
    (check,) = replayed.report["checks"]
    assert check["reason"] == "refused: the read-only guard refused sqs.ListQueues: a replay asks nobody"
    assert offline.attempts == ""
