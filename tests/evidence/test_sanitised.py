"""What must not be kept is in no recording and in no report, wherever the cloud had it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.conftest import ROOT, Ran, offline_environment
from tests.evidence import planted
from tests.evidence.planted import ANOTHER_ACCOUNT, CONCURRENCY, HEALTH_CHECK_ID, REGION

LOCAL_ACCOUNT = "123456789012"


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a cloud in which there is something everywhere."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.evidence.planted"],
        cwd=ROOT,
        env=offline_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    address = process.stdout.readline().strip()
    assert address, "it does not serve: python -m tests.evidence.planted says why"
    yield address
    process.terminate()
    process.communicate(timeout=20)


def served(url: str) -> str:
    """Everything that the suite's own requests are answered with, before anything is dropped."""
    session: Any = boto3.Session("embedded", "embedded", region_name=REGION)

    def ask(service: str, operation: str, **parameters: object) -> object:
        return getattr(session.client(service, endpoint_url=url), operation)(**parameters)

    queue = f"https://sqs.{REGION}.amazonaws.com/{LOCAL_ACCOUNT}/{planted.QUEUE}"
    topic = f"arn:aws:sns:{REGION}:{LOCAL_ACCOUNT}:{planted.TOPIC}"
    health = planted.HEALTH.removeprefix("https://")
    answers = [
        ask("sqs", "get_queue_attributes", QueueUrl=queue, AttributeNames=["All"]),
        ask("lambda", "get_function_configuration", FunctionName=planted.FUNCTION),
        ask("logs", "filter_log_events", logGroupName=planted.LOGS),
        ask("iam", "get_role", RoleName=planted.ROLE),
        ask("sns", "list_subscriptions_by_topic", TopicArn=topic),
        ask("secretsmanager", "describe_secret", SecretId=planted.SECRET),
        ask("cloudwatch", "get_dashboard", DashboardName=planted.DASHBOARD),
        ask("cloudwatch", "describe_alarms"),
        ask("cloudformation", "describe_stacks", StackName=planted.STACK),
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/_http/{health}").read(),
    ]
    return str(answers)


SERVED = (
    *("queue-policy", "function-environment", "function-description", "log-line", "role-trust", "role-description"),
    *("role-tag", "subscriber", "secret-description", "secret-tag", "dashboard-body", "alarm-description"),
    *("alarm-reason", "stack-parameter", "stack-output", "stack-tag", "health-body"),
)
"""Places that the suite's own requests touch; there is more in places that none does."""


def account_ids(text: str) -> set[str]:
    """Whatever has twelve digits in a text of JSON, but for the ends of UUIDs and for numbers."""
    inside = re.findall(r'"(?:[^"\\]|\\.)*"', text)
    return {found for part in inside for found in re.findall(r"(?<!\d)\d{12}(?!\d)", part.replace(HEALTH_CHECK_ID, ""))}


def test_nothing_that_was_planted_is_kept(
    run: Callable[..., Ran], replay: Callable[..., Ran], tmp_path: Path, url: str
) -> None:
    """No secret, no text of a message, line, item, tag or person, and no account id, whoever's it is."""
    path = tmp_path / "evidence.jsonl"
    answers = served(url)
    missing = {place for place in SERVED if planted.canary(place) not in answers}
    assert missing == set()
    recorded = run("checks", "--stage=local", f"--endpoint-url={url}", f"--record={path}")
    assert set(recorded.not_passed()) == {
        "test_logs_are_free_of_trouble[local:bg-remover:critical-validation]",
        "test_dead_letter_queue_is_empty[local:bg-remover:bg-remover-local-dlq]",
    }
    assert [incident["severity"] for incident in recorded.report["incidents"]] == ["P2", "P3"]
    text = path.read_text()
    assert "canary" not in text
    assert account_ids(text) == set()
    replayed = replay(path, "checks", "--stage=local")
    said = {file.name: file.read_text() for file in replayed.reports.iterdir()}
    for name, report in {**said, "terminal": replayed.output}.items():
        assert "canary" not in report, name
        assert ANOTHER_ACCOUNT not in report, name


def health_checks(values: list[Any]) -> list[dict[str, Any]]:
    return [one for value in values if value for one in value.get("HealthChecks", [])]


def test_what_only_looks_like_an_account_id_is_kept(
    run: Callable[..., Ran], replay: Callable[..., Ran], tmp_path: Path, url: str
) -> None:
    """A UUID that ends in twelve digits leads to the same health check, and a number stays a number."""
    path = tmp_path / "evidence.jsonl"
    given = ("checks/smoke/test_api.py", "checks/smoke/test_functions.py", "--stage=local")
    assert run(*given, f"--endpoint-url={url}", f"--record={path}").code == 0
    values = [json.loads(line).get("value") for line in path.read_text().splitlines()]
    assert {"ReservedConcurrentExecutions": CONCURRENCY} in values
    assert [one["Id"] for one in health_checks(values)] == [HEALTH_CHECK_ID]
    assert f'"HealthCheckId": "{HEALTH_CHECK_ID}"' in path.read_text()
    assert replay(path, *given).code == 0
