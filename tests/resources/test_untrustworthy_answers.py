"""Answers that are well-formed and cannot be true of the resource: a failed look, never a healthy value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fixtures.aws.endpoints import Addresses, Endpoints
from fixtures.aws.health import HealthReader
from fixtures.aws.meter import Meter
from fixtures.aws.reader import AwsReader
from fixtures.aws.sessions import Sessions
from fixtures.catalogue import load_catalogue
from fixtures.observations import Readings, Unobserved
from fixtures.observer import Observer
from fixtures.observer.sight import Sight
from fixtures.resources import KINDS
from tests.conftest import ROOT, Canned

CATALOGUE = load_catalogue(ROOT)
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:"


def resource(canned: Canned, kind: str, name: str) -> Any:
    """A declared resource that reads from a canned endpoint."""
    (declared,) = [one for one in CATALOGUE.declared(["local"]) if (one.kind, one.name) == (kind, name)]
    addresses = Addresses(CATALOGUE.stages, Endpoints(canned.url))
    reader = AwsReader(Sessions(addresses), Meter())
    observer = Observer(reader, HealthReader(), lambda: datetime(2026, 1, 1, tzinfo=UTC))
    return KINDS[kind](declared, Sight(observer, addresses, Readings()))


def queue(arn: str = "arn:aws:sqs:eu-west-1:123456789012:bg-remover-local-dlq", **counts: str) -> dict[str, Any]:
    parts = {f"ApproximateNumberOfMessages{part}": "0" for part in ("", "NotVisible", "Delayed")}
    return {"Attributes": {**parts, "QueueArn": arn, **counts}}


DLQ = ("queue", "bg-remover-local-dlq", "depth")
LIVE = ("function", "bg-remover-local-embeddings", "alias_version")
SELF = {"FunctionArn": f"{FUNCTION}bg-remover-local-embeddings"}
"""What the function says of itself; one canned answer serves both requests."""
ICEBERG = ("iceberg_table", "sales_history", "exists")

UNTRUE = {
    "a negative number of messages": (DLQ, queue(ApproximateNumberOfMessages="-1")),
    "messages that cancel out": (
        DLQ,
        queue(ApproximateNumberOfMessages="12", ApproximateNumberOfMessagesDelayed="-12"),
    ),
    "another queue": (DLQ, queue("arn:aws:sqs:eu-west-1:123456789012:other")),
    "a queue of another region": (DLQ, queue("arn:aws:sqs:us-east-1:123456789012:bg-remover-local-dlq")),
    "a queue of another account": (DLQ, queue("arn:aws:sqs:eu-west-1:999999999999:bg-remover-local-dlq")),
    "no number of messages": (DLQ, queue(ApproximateNumberOfMessages="")),
    "another function's alias": (
        LIVE,
        {**SELF, "Name": "live", "FunctionVersion": "3", "AliasArn": f"{FUNCTION}other:live"},
    ),
    "another alias": (
        LIVE,
        {**SELF, "Name": "old", "FunctionVersion": "3", "AliasArn": f"{FUNCTION}bg-remover-local-embeddings:old"},
    ),
    "another table": (ICEBERG, {"Table": {"Name": "other", "Parameters": {"table_type": "ICEBERG"}}}),
    "a table of no type": (ICEBERG, {"Table": {"Name": "sales_history", "Parameters": {}}}),
}


@pytest.mark.parametrize("name", UNTRUE)
def test_an_answer_that_cannot_be_true_is_a_failed_look(canned: Canned, name: str) -> None:
    """No attribute has a value, so no check can pass on it."""
    (kind, declared, attribute), answer = UNTRUE[name]
    canned.answers = [(200, json.dumps(answer).encode())]
    with pytest.raises(Unobserved) as raised:
        getattr(resource(canned, kind, declared), attribute)
    assert raised.value.state == "failed"


def test_a_true_answer_has_a_value(canned: Canned) -> None:
    """The answers above fail for what is wrong in them, and for nothing else."""
    canned.answers = [(200, json.dumps(queue(ApproximateNumberOfMessages="12")).encode())]
    assert resource(canned, *DLQ[:2]).depth == 12
    alias = {**SELF, "Name": "live", "FunctionVersion": "3", "AliasArn": f"{FUNCTION}bg-remover-local-embeddings:live"}
    canned.answers = [(200, json.dumps(alias).encode())]
    assert resource(canned, *LIVE[:2]).alias_version == "3"
    table = {"Table": {"Name": "sales_history", "Parameters": {"table_type": "iceberg"}}}
    canned.answers = [(200, json.dumps(table).encode())]
    assert resource(canned, *ICEBERG[:2]).exists


def test_a_plain_table_is_not_the_iceberg_table(canned: Canned) -> None:
    """It exists, and it is not what was declared."""
    table = {"Table": {"Name": "sales_history", "Parameters": {"table_type": "EXTERNAL_TABLE"}}}
    canned.answers = [(200, json.dumps(table).encode())]
    assert not resource(canned, *ICEBERG[:2]).exists


@pytest.mark.parametrize("switch", ["Disabled", "Inverted"])
def test_a_health_check_that_cannot_say_no_says_nothing(canned: Canned, switch: str) -> None:
    """Route 53 counts a disabled one as healthy whatever its checkers see."""
    config = (
        "<Type>HTTPS</Type><FullyQualifiedDomainName>products.local.carousellabs.co</FullyQualifiedDomainName>"
        f"<ResourcePath>/health</ResourcePath><{switch}>true</{switch}>"
    )
    check = (
        f"<HealthCheck><Id>1</Id><CallerReference>x</CallerReference><HealthCheckConfig>{config}</HealthCheckConfig>"
    )
    body = f"<ListHealthChecksResponse><HealthChecks>{check}</HealthCheck></HealthChecks></ListHealthChecksResponse>"
    canned.answers = [(200, body.encode())]
    found = resource(canned, "health_check", "product-lambda-local-api")
    assert found.exists
    with pytest.raises(Unobserved, match="disabled or inverted"):
        found.healthy_share
