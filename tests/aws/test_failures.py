"""Denied, throttled, timed out, absent and broken are different observations, told apart through a real socket."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.aws.endpoints import Addresses, Endpoints
from fixtures.aws.meter import Meter
from fixtures.aws.reader import AwsReader
from fixtures.aws.request import AwsRequest
from fixtures.aws.sessions import Sessions
from fixtures.catalogue import load_catalogue
from fixtures.observations import Observation
from tests.conftest import ROOT, Canned

STAGES = load_catalogue(ROOT).stages


@pytest.fixture(autouse=True)
def meter() -> Iterator[Meter]:
    METER.install()
    yield METER
    METER.uninstall()


METER = Meter()


def reader(url: str) -> AwsReader:
    return AwsReader(Sessions(Addresses(STAGES, Endpoints(url))), METER)


def read(canned: Canned, service: str, operation: str, max_items: int = 0, **parameters: Any) -> Observation:
    observation, usage = reader(canned.url).read(
        AwsRequest.of("local", "eu-west-1", service, operation, parameters, max_items)
    )
    assert usage.calls == Counter({f"{service}.{operation}": canned.requests})
    return observation


def error(code: str, message: str = "<b>secret</b>") -> bytes:
    return json.dumps({"__type": code, "message": message}).encode()


CODES = {
    "ResourceNotFoundException": (400, "absent"),
    "AccessDeniedException": (400, "denied"),
    "ExpiredTokenException": (400, "denied"),
    "UnrecognizedClientException": (400, "denied"),
    "ThrottlingException": (400, "throttled"),
    "ProvisionedThroughputExceededException": (400, "throttled"),
    "InternalServerError": (500, "failed"),
    "ValidationException": (400, "failed"),
    "NotFoundException": (404, "failed"),
    "NotImplemented": (501, "failed"),
}


@pytest.mark.parametrize("code", CODES)
def test_error_codes_are_told_apart(canned: Canned, code: str) -> None:
    """And no text from AWS but the code is kept."""
    status, state = CODES[code]
    canned.answers = [(status, error(code))]
    observation = read(canned, "dynamodb", "DescribeTable", TableName="t")
    assert (observation.state, observation.value) == (state, None)
    assert "secret" not in observation.reason
    if code == "AccessDeniedException":
        assert "dynamodb:DescribeTable" in observation.reason


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("dynamodb", "DescribeTable", {"TableName": "t"}),
        ("logs", "DescribeLogGroups", {}),
        ("sts", "GetCallerIdentity", {}),
    ],
)
def test_only_documented_errors_of_an_operation_say_absent(
    canned: Canned, service: str, operation: str, parameters: Any
) -> None:
    """A list call that answers not-found has not said that anything does not exist."""
    canned.answers = [(400, error("ResourceNotFoundException"))]
    state = read(canned, service, operation, **parameters).state
    assert state == ("absent" if operation == "DescribeTable" else "failed")


BROKEN = {
    "no JSON": (200, b"<html>"),
    "half an answer": (200, b'{"Table": {"TableStatus": "ACT'),
    "a list": (200, b"[]"),
    "no body": (200, b""),
    "closed": (0, b""),
    "a gateway's page": (502, b"<html>Bad Gateway</html>"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_answers_that_cannot_be_read_are_failed_looks(canned: Canned, name: str) -> None:
    """Never an empty value, never an exception."""
    canned.answers = [BROKEN[name]]
    assert read(canned, "dynamodb", "DescribeTable", TableName="t").state == "failed"


def test_an_unreadable_answer_is_not_one_without_fields(canned: Canned) -> None:
    """No reserved concurrency is an answer, {}, and a page from something in between is none."""
    canned.answers = [(200, b"<html>")]
    assert read(canned, "lambda", "GetFunctionConcurrency", FunctionName="f").state == "failed"
    canned.answers, canned.requests = [(200, b"{}")], 0
    assert read(canned, "lambda", "GetFunctionConcurrency", FunctionName="f").value == {}


def test_a_passing_failure_is_retried(canned: Canned) -> None:
    """One 500 on the way is no reason to wake anybody."""
    canned.answers = [(500, b"{}"), (200, b'{"Table": {"TableStatus": "ACTIVE"}}')]
    observation = read(canned, "dynamodb", "DescribeTable", TableName="t")
    assert (observation.state, observation.value) == ("value", {"Table": {"TableStatus": "ACTIVE"}})
    assert canned.requests == 2


def test_every_page_is_read(canned: Canned) -> None:
    """An empty page with a token is not the end."""
    canned.answers = [
        (200, b'{"events": [], "nextToken": "a"}'),
        (200, b'{"events": [{"timestamp": 1, "message": "secret"}], "nextToken": "b"}'),
        (200, b'{"events": [{"timestamp": 2, "message": "secret"}]}'),
    ]
    observation = read(canned, "logs", "FilterLogEvents", logGroupName="g")
    assert observation.value["events"] == [{"timestamp": 1}, {"timestamp": 2}]


def test_reading_stops_when_enough_is_known(canned: Canned) -> None:
    """One line proves activity; the rest of a talkative log is not fetched."""
    canned.answers = [(200, b'{"events": [{"timestamp": 1}], "nextToken": "a"}')]
    assert read(canned, "logs", "FilterLogEvents", max_items=1, logGroupName="g").state == "value"
    assert canned.requests == 1


def test_a_page_that_fails_makes_the_whole_answer_fail(canned: Canned) -> None:
    """Half of the alarms is not the alarms."""
    canned.answers = [(200, b'{"events": [{"timestamp": 1}], "nextToken": "a"}'), (400, error("ThrottlingException"))]
    assert read(canned, "logs", "FilterLogEvents", logGroupName="g").state == "throttled"


def test_a_404_that_is_not_from_s3_says_nothing_about_a_bucket(canned: Canned) -> None:
    """HEAD has no body, so a proxy's 404 looks the same but for S3's own request id."""
    canned.answers = [(404, b"")]
    assert read(canned, "s3", "HeadBucket", Bucket="bucket").state == "failed"


def test_a_refused_connection_is_a_failed_look() -> None:
    """Nobody listens there."""
    observation, _ = reader("http://127.0.0.1:1").read(
        AwsRequest.of("local", "eu-west-1", "dynamodb", "DescribeTable", {"TableName": "t"})
    )
    assert observation.state == "failed"


def test_an_operation_that_nobody_described_is_not_sent(canned: Canned) -> None:
    """What to keep of its answer would be anybody's guess, and so would be what it may hold."""
    observation = read(canned, "dynamodb", "ListTables")
    assert (observation.state, canned.requests) == ("refused", 0)
    assert "fixtures/aws/operations.py" in observation.reason


def test_only_what_is_listed_is_kept(canned: Canned) -> None:
    """A function's environment holds secrets, and no check has asked for it."""
    canned.answers = [
        (200, b'{"FunctionArn": "a", "State": "Active", "Environment": {"Variables": {"KEY": "secret"}}}')
    ]
    value = read(canned, "lambda", "GetFunctionConfiguration", FunctionName="f").value
    assert value == {"FunctionArn": "a", "State": "Active"}


def test_a_list_that_is_cut_off_is_a_failed_look(canned: Canned) -> None:
    """More to come, and no way there: what is on the other pages must not seem absent."""
    page = "<ListHealthChecksResponse><HealthChecks/><IsTruncated>true</IsTruncated></ListHealthChecksResponse>"
    canned.answers = [(200, page.encode())]
    assert read(canned, "route53", "ListHealthChecks").state == "failed"


def test_a_token_that_leads_back_is_a_failed_look(canned: Canned) -> None:
    """A page that names itself as the next would be read for ever."""
    canned.answers = [(200, b'{"events": [], "nextToken": "a"}')]
    assert read(canned, "logs", "FilterLogEvents", logGroupName="g").state == "failed"
