"""The policy of ``--emit-iam-policy`` allows what the checks call, and nothing else, by an authority of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from fixtures.catalogue import load_catalogue
from tests.conftest import ROOT, Ran

STAGES = load_catalogue(ROOT).stages

ACTIONS = {
    "apigateway.GetRestApis": "apigateway:GET",
    "apigateway.GetStages": "apigateway:GET",
    "s3.HeadBucket": "s3:ListBucket",
}
"""Where IAM does not call it what the API does. Source: service authorization reference."""

PATHS = {
    "apigateway.GetRestApis": "arn:aws:apigateway:{region}::/restapis",
    "apigateway.GetStages": "arn:aws:apigateway:{region}::/restapis/{restApiId}/stages",
}
"""API Gateway's resources are the paths of its requests; the reference lists those of version 2 only."""

NAMES = {
    "AlarmName": "any-alarm",
    "BucketName": "{Bucket}",
    "FunctionName": "{FunctionName}",
    "Id": "any-id",
    "LogGroupName": "{logGroupName}:any-stream",
    "QueueName": "{QueueName}",
    "RoleNameWithPath": "{RoleName}",
    "RuleName": "{Name}{Rule}",
    "SecretId": "{SecretId}-a1B2c3",
    "TopicName": "{TopicName}",
}
"""Placeholder of an ARN to the parameters of a request that fill it; others are called alike."""

ANYTHING = {"apigateway:GET"}


class Parameters(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""


def formats(action: str) -> list[str]:
    """Formats of the resources that an action takes, as the service authorization reference has them."""
    service, name = action.split(":")
    return [row["resource_arn_format"] for row in get_action_data(service, name)[service]]


def needed(fact: dict[str, Any]) -> tuple[str, set[str]]:
    """The action and, for each kind of resource that it can be limited to, the resource that a call reads."""
    name = f"{fact['service']}.{fact['operation']}"
    action = ACTIONS.get(name, f"{fact['service']}:{fact['operation']}")
    known = {key: str(value) for key, value in fact["parameters"].items()}
    known["QueueName"] = known.get("QueueUrl", "").rpartition("/")[2]
    known["TopicName"] = known.get("TopicArn", "").rpartition(":")[2]
    parameters = Parameters(known)
    if name == "glue.GetTable":
        parameters["TableName"] = parameters["Name"]
    if name in PATHS:
        return action, {PATHS[name].format_map({**parameters, "region": fact["region"]})}
    return action, {filled(text, fact, parameters) for text in formats(action)} - {""}


def filled(text: str, fact: dict[str, Any], parameters: Parameters) -> str:
    """An ARN of that format; empty where the request names no such resource."""
    place = {"Partition": "aws", "Region": fact["region"], "Account": STAGES[fact["stage"]].account}
    missing = []

    def value(match: re.Match[str]) -> str:
        name = match[1]
        found = place.get(name) or NAMES.get(name, "{" + name + "}").format_map(parameters)
        missing.extend([name] if not found else [])
        return found

    arn = re.sub(r"\$\{(\w+)\}", value, text)
    return "" if missing else arn


def allowed(policy: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                yield action, resource


def calls_of(evidence: Path) -> list[dict[str, Any]]:
    accounts = {f"<account of {name}>": stage.account for name, stage in STAGES.items()}
    text = evidence.read_text()
    for token, account in accounts.items():
        text = text.replace(token, account)
    facts = [json.loads(line).get("fact") for line in text.splitlines()]
    return [fact for fact in facts if fact and fact["kind"] == "aws" and fact["service"] != "sts"]


def emit(run: Callable[..., Ran], folder: Path, *arguments: str) -> dict[str, Any]:
    ran = run("checks", f"--emit-iam-policy={folder / 'policy.json'}", *arguments)
    assert ran.code == 0, ran.output
    assert not ran.reports.exists()
    policy: dict[str, Any] = json.loads((folder / "policy.json").read_text())
    return policy


def test_the_policy_covers_every_call_and_nothing_else(run: Callable[..., Ran], tmp_path: Path) -> None:
    """In health, and where resources are gone, broken or silent, which leads checks to ask for more."""
    rules = set(allowed(emit(run, tmp_path, "--stage=local")))
    faults = ["alias-deleted", "function-deleted", "activity-stopped", "table-deleted", "rest-api-undeployed"]
    used = set()
    for number, given in enumerate([[], [f"--fault={name}" for name in faults]]):
        evidence = tmp_path / f"{number}.jsonl"
        run("checks", "--stage=local", f"--record={evidence}", *given)
        calls = calls_of(evidence)
        assert len(calls) > 90
        for call in calls:
            action, arns = needed(call)
            limited = {arn for arn in arns if arn != "*"}
            matching = {
                (rule, pattern)
                for rule, pattern in rules
                if rule == action and (pattern == "*" or any(fnmatchcase(arn, pattern) for arn in limited))
            }
            assert matching, f"{call} is not allowed"
            used |= matching
    assert used == rules


def test_every_rule_is_one_that_iam_knows(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Actions exist, resources have the form that the action takes, and ``*`` stands only where there is no other."""
    for action, resource in allowed(emit(run, tmp_path, "--stage=local")):
        if action in ANYTHING:
            continue
        known = formats(action)
        if resource == "*":
            assert known == ["*"], f"{action} can be limited to {known}"
        else:
            patterns = [re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(text)) for text in known if text != "*"]
            assert any(re.fullmatch(pattern, resource) for pattern in patterns), f"{action} on {resource}"


def test_the_policy_is_of_the_selected_checks_and_stage(run: Callable[..., Ran], tmp_path: Path) -> None:
    """No credentials for the stage are there, and none are needed."""
    policy = emit(run, tmp_path, "--stage=prod", "-k", "queue", "--service=bg-remover")
    account = STAGES["prod"].account
    queues = [f"arn:aws:sqs:eu-west-1:{account}:bg-remover-prod-{name}" for name in ("dlq", "main")]
    assert list(allowed(policy)) == [("sqs:GetQueueAttributes", queue) for queue in queues]


MISTAKES = {
    "two stages": (["--stage=sit", "--stage=prod"], "give one --stage at a time (given sit, prod)"),
    "workers": (["--stage=local", "-n2"], "leave -n out"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_policy_that_could_not_be_right_is_refused(run: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    """Before anything runs, and no file is left."""
    arguments, message = MISTAKES[name]
    ran = run("checks", f"--emit-iam-policy={tmp_path / 'policy.json'}", *arguments)
    assert ran.code == 4, ran.output
    assert message in ran.output
    assert not (tmp_path / "policy.json").exists()


def test_a_place_for_the_policy_is_needed(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Said at once, and not after reading everything."""
    ran = run("checks", "--stage=local", f"--emit-iam-policy={tmp_path / 'nowhere' / 'policy.json'}")
    assert ran.code == 4
    assert "name a file in a folder" in ran.output
