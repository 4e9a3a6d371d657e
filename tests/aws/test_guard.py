"""Nothing that mutates gets through the guard, however the client that tries was made."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.aws.decisions import DECISIONS, decisions
from fixtures.aws.guard import ALLOWED, Guard, Refused, decide
from tests.conftest import Project, Ran

SESSION = botocore.session.Session()
SERVICES = SESSION.get_available_services()

CHANGES = re.compile(
    r"^(Accept|Activat|Add|Allocat|Appl|Approv|Assign|Associat|Attach|Authoriz|Cancel|Chang|Clos|Complet|Configur|Confirm"
    r"|Copies|Creat|Deactivat|Delet|Deploy|Deregister|Detach|Disabl|Disassociat|Exchang|Execut|Grant|Import|Invok|Issu"
    r"|Launch|Lock|Merg|Modif|Mov|Overwrit|Paus|Post|Provision|Publish|Purchas|Put|Reboot|Regist|Reject|Releas|Remov"
    r"|Renew|Replac|Reset|Restart|Restor|Resum|Revok|Rotat|Run|Schedul|Send|Set|Start|Stop|Submit|Subscrib|Suspend|Tag"
    r"|Terminat|Transfer|Trigger|Unsubscrib|Untag|Updat|Upload|Writ)(?:s|es|e|ies)\b"
)
"""First words of a description that says that something is changed."""

READ_ALL_THE_SAME = {
    ("ce", "GetRightsizingRecommendation"): "computes recommendations",
    ("config", "ListAggregateDiscoveredResources"): "'Accepts a resource type and returns'",
    ("lex-models", "GetExport"): "returns a resource's definition",
    ("quicksight", "DescribeTopicRefreshSchedule"): "the description is another operation's; it is a GET",
    ("securityhub", "GetConnectorV2"): "'Grants permission to retrieve', a policy's words",
    ("securityhub", "ListConnectorsV2"): "'Grants permission to retrieve', a policy's words",
    ("workmail", "ListAliases"): "'Creates a paginated call to list'",
}
"""Operations whose description begins like a change and does not mean one, and why they pass."""


def description(service: str, operation: str) -> str:
    text = SESSION.get_service_model(service).operation_model(operation).documentation or ""
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(text)).split())


def test_every_decision_is_listed_for_review() -> None:
    """All operations of all service models that botocore ships; the list is the one that a person has read."""
    listed = DECISIONS.read_text().splitlines()
    assert listed == list(decisions()), "docs/read-only-guard.tsv is out of date: run python -m fixtures.aws.decisions"
    assert len(listed) > 19_000


def test_no_operation_that_describes_itself_as_a_change_passes() -> None:
    """An oracle of its own: not the name that the guard goes by, but what the model says that the operation does."""
    passing = [(service, operation) for service in SERVICES for operation in operations(service)]
    changing = {
        call
        for call in passing
        if decide(*call).is_allowed and call not in ALLOWED and CHANGES.match(description(*call))
    }
    assert changing <= set(READ_ALL_THE_SAME), sorted(changing - set(READ_ALL_THE_SAME))


def operations(service: str) -> list[str]:
    return list(SESSION.get_service_model(service).operation_names)


@given(st.sampled_from(["Create", "Delete", "Put", "Update", "Invoke", "Send", "Start"]), st.text("abcXYZ", min_size=1))
def test_an_operation_that_nobody_knows_yet_is_refused(verb: str, rest: str) -> None:
    """Default-deny: a newer botocore opens no hole."""
    assert not decide("a-new-service", verb + rest.capitalize()).is_allowed
    assert not decide("a-new-service", "Gets" + rest.lower()).is_allowed


@pytest.fixture
def guard() -> Iterator[Guard]:
    guard = Guard()
    guard.install()
    yield guard
    guard.uninstall()


def session() -> boto3.Session:
    return boto3.Session("x", "x", region_name="eu-west-1")


def client(service: str) -> Any:
    made: Any = session()
    return made.client(service, endpoint_url="http://127.0.0.1:1")


def table() -> Any:
    made: Any = session()
    return made.resource("dynamodb", endpoint_url="http://127.0.0.1:1").Table("t")


WAYS: dict[str, Callable[[], Any]] = {
    "client": lambda: client("sqs").delete_queue(QueueUrl="http://127.0.0.1:1/q"),
    "receive": lambda: client("sqs").receive_message(QueueUrl="http://127.0.0.1:1/q"),
    "resource": lambda: table().put_item(Item={"a": "b"}),
    "batch writer": lambda: table().batch_writer().__enter__()._client.batch_write_item(RequestItems={"t": []}),
    "scan by resource": lambda: table().scan(),
    "paginator": lambda: list(client("dynamodb").get_paginator("scan").paginate(TableName="t")),
    "presigned URL": lambda: client("s3").generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"}),
    "presigned POST": lambda: client("s3").generate_presigned_post("b", "k"),
    "s3transfer": lambda: client("s3").upload_fileobj(io.BytesIO(b"x"), "b", "k"),
    "default session": lambda: boto3.client(
        "sns", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    ).publish(TopicArn="arn:aws:sns:eu-west-1:1:t", Message="x"),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_a_mutation_is_open(guard: Guard, way: str) -> None:
    """Refused before anything is signed, and counted."""
    with pytest.raises(Refused, match="the read-only guard refused"):
        WAYS[way]()
    assert sum(guard.take_refused().values()) == 1


def test_reading_passes(guard: Guard) -> None:
    """A presigned GET is one."""
    url = client("s3").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert url.startswith("http://127.0.0.1:1/b/k")
    assert not guard.take_refused()


@pytest.mark.parametrize("is_swallowed", [False, True], ids=["raised", "swallowed"])
def test_a_check_that_tries_is_unknown_and_the_call_is_reported(project: Project, is_swallowed: bool) -> None:
    """Also where a library between has swallowed the refusal."""
    call = f"boto3.client('sqs', 'eu-west-1', endpoint_url='{project.cloud}').purge_queue(QueueUrl='http://x/y')"
    body = f"try:\n        {call}\n    except Exception:\n        pass" if is_swallowed else call
    check = '@pytest.mark.severity("P1")\ndef test_own(dead_letter_queue):\n    """Healthy."""\n    import boto3\n    '
    project.check(check + body)
    ran = project.run("--service=bg-remover")
    assert (ran.code, list(ran.outcomes().values())) == (6, ["unknown"]), ran.output
    assert "refused" in ran.report["checks"][0]["reason"]
    assert ran.report["own_cost"]["refused"] == {"sqs.PurgeQueue": 1}


SCANNING = """
@pytest.mark.severity("P1")
def test_own(table):
    \"\"\"Healthy.\"\"\"
    import boto3
    keys = dict(aws_access_key_id="embedded", aws_secret_access_key="embedded")
    client = boto3.client("dynamodb", "eu-west-1", endpoint_url="{url}", **keys)
    assert client.scan(TableName=str(table))["Count"] >= 0
"""


def test_a_scan_needs_a_reason(project: Project) -> None:
    """It reads and bills whole tables: refused, unless somebody says why, and then it is counted."""
    project.check(SCANNING.replace("{url}", project.cloud))
    refused = project.run("--service=bg-remover")
    assert set(refused.outcomes().values()) == {"unknown"}
    assert refused.report["own_cost"]["refused"] == {"dynamodb.Scan": 1}
    allowed = project.run("--service=bg-remover", "--allow-scan=recount after an incident")
    assert (allowed.code, allowed.report["own_cost"]["refused"]) == (0, {}), allowed.output
    assert allowed.report["own_cost"]["calls"]["dynamodb.Scan"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage=prod", "--allow-scan=because"], "stage prod is protected"),
        (["--stage=local", "--allow-scan= "], "say why"),
    ],
)
def test_a_scan_is_not_allowed_everywhere(run: Callable[..., Ran], arguments: list[str], message: str) -> None:
    """Not on a protected stage, and not without a word."""
    ran = run("checks", *arguments)
    assert ran.code == 4
    assert message in ran.output
