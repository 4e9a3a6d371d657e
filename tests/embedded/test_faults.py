"""Every fault breaks what it names, and nothing else."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from fixtures.embedded.faults import FAULTS, UnknownFault, describe_faults, parse_faults
from fixtures.embedded.faults.endpoints import HOSTILE_STATUS
from fixtures.embedded.operations import UnknownOperationError

BG, OA, PL, ZL = "bg-remover", "opportunity-analysis", "product-lambda", "zae-limiter"

EXPECTED = {
    # The first to ask, here bg-remover's account, still gets the right answer.
    "account-switched": (f"{OA} account account-123456789012", {}),
    "health-endpoint-down": (f"{BG} health_endpoint health", {"answer": "hangs up"}),
    "health-endpoint-failing": (f"{BG} health_endpoint health", {}),
    "health-endpoint-unhealthy": (f"{OA} health_endpoint health-ready", {}),
    "health-endpoint-slow": (f"{PL} health_endpoint health", {"slow": True}),
    "health-endpoint-hostile": (f"{BG} health_endpoint health", {}),
    "work-queue-deleted": (f"{BG} queue bg-remover-local-main", {"error": "AWS.SimpleQueueService.NonExistentQueue"}),
    "dlq-deleted": (f"{BG} queue bg-remover-local-dlq", {"error": "AWS.SimpleQueueService.NonExistentQueue"}),
    "dlq-backlog": (f"{BG} queue bg-remover-local-dlq", {"messages": "12"}),
    "dlq-message": (f"{ZL} queue zae-limiter-local-aggregator-dlq", {"messages": "1"}),
    "redrive-removed": (f"{BG} queue bg-remover-local-main", {"moves_to": None}),
    "function-deleted": (f"{BG} function bg-remover-local-embeddings", {"error": "ResourceNotFoundException"}),
    "function-failed": (f"{BG} function bg-remover-local-embeddings", {"State": "Failed"}),
    "function-update-failed": (f"{PL} function product-lambda-local", {"LastUpdateStatus": "Failed"}),
    "function-switched-off": (f"{OA} function opportunity-analysis-local-analysis", {"concurrency": 0}),
    "alias-deleted": (f"{PL} function product-lambda-local@dr", {"error": "ResourceNotFoundException"}),
    "table-deleted": (f"{PL} table products-local", {"error": "ResourceNotFoundException"}),
    "table-inaccessible": (
        f"{BG} table bg-remover-local-sales-intelligence",
        {"status": "INACCESSIBLE_ENCRYPTION_CREDENTIALS"},
    ),
    "index-deleted": (f"{BG} table bg-remover-local-sales-intelligence", {"indexes": {"GSI1": "ACTIVE"}}),
    "index-creating": (f"{ZL} table zae-limiter-local", {"indexes": {"GSI1": "CREATING", "GSI2": "ACTIVE"}}),
    "stream-disabled": (f"{ZL} table zae-limiter-local", {"stream": False}),
    "stack-deleted": (f"{OA} stack opportunity-analysis-local", {"error": "ValidationError"}),
    "stack-rollback-failed": (f"{BG} stack bg-remover-local", {"status": "UPDATE_ROLLBACK_FAILED"}),
    "stack-updating": (f"{ZL} stack zae-limiter-local", {"status": "UPDATE_IN_PROGRESS"}),
    "schedule-deleted": (
        f"{OA} schedule opportunity-analysis-local-daily-configuration-backup",
        {"error": "ResourceNotFoundException"},
    ),
    "schedule-disabled": (f"{BG} schedule bg-remover-local-s3-export-schedule", {"state": "DISABLED"}),
    "schedule-without-target": (f"{BG} schedule bg-remover-local-validation-schedule", {"targets": []}),
    "event-source-deleted": (f"{ZL} event_source zae-limiter-local-stream", {"states": []}),
    "event-source-disabled": (f"{ZL} event_source zae-limiter-local-stream", {"states": [("Disabled", "OK")]}),
    "event-source-failing": (
        f"{ZL} event_source zae-limiter-local-stream",
        {"states": [("Enabled", "PROBLEM: Function call failed")]},
    ),
    "stream-lag": (f"{ZL} event_source zae-limiter-local-stream", {"lag": [20 * 60_000.0]}),
    "stream-lag-critical": (f"{ZL} event_source zae-limiter-local-stream", {"lag": [120 * 60_000.0]}),
    "function-errors": (f"{BG} function bg-remover-local-embeddings", {"errors": 15}),
    "table-throttled": (
        f"{BG} table bg-remover-local-sales-intelligence",
        {"throttled": [10, None, None, None, None, None]},
    ),
    "index-throttled": (
        f"{ZL} table zae-limiter-local",
        {"throttled": [None, None, None, None, None, 5]},
    ),
    "metric-over-limit": (f"{PL} metric api-5xx", {"has_data": True, "breach": "P2"}),
    "function-throttled": (f"{ZL} metric aggregator-throttles", {"has_data": True, "breach": "P3"}),
    "metric-silent": (f"{BG} metric validator-invocations", {"has_data": False, "status": "Complete"}),
    "metric-missing": (f"{OA} metric response-time", {"has_data": False, "status": "Complete"}),
    "metric-response-slow": (f"{OA} metric response-time", {"has_data": True, "breach": "P2"}),
    "metric-partial": (f"{PL} metric api-5xx", {"has_data": False, "status": "PartialData"}),
    "log-group-deleted": (f"{OA} log_group /aws/lambda/opportunity-analysis-local-data-retrieval", {"exists": False}),
    "activity-paused": (f"{BG} activity embedding-generated", {"breach": "P3"}),
    "activity-stopped": (f"{BG} activity export-finished", {"breach": "P2"}),
    "logs-critical": (f"{BG} trouble critical-validation", {"lines": 1}),
    "logs-hostile": (f"{BG} trouble critical-validation", {"lines": 1}),
    "logs-errors": (f"{ZL} trouble aggregator-errors", {"lines": 2}),
    "alarm-deleted": (f"{BG} alarm bg-remover-local-validator-errors", {"alarms": []}),
    "alarm-firing": (f"{BG} alarm bg-remover-local-dlq-depth", {}),
    "alarm-without-actions": (f"{PL} alarm product-lambda-local-latency", {"alarms": [("OK", True, [])]}),
    "schedule-elsewhere": (
        f"{BG} schedule bg-remover-local-validation-schedule",
        {"targets": ["arn:aws:lambda:eu-west-1:999999999999:function:bg-remover-local-s3TablesDataValidator"]},
    ),
    "event-source-stale": (f"{ZL} event_source zae-limiter-local-stream", {"same_stream": [False]}),
    "alarm-without-data": (f"{OA} alarm aws-opportunity-analysis-local-response-time", {}),
    "alarm-muted": (f"{PL} alarm product-lambda-local-errors", {}),
    "topic-deleted": (f"{PL} topic product-lambda-local-alerts", {"error": "NotFound"}),
    "topic-unconfirmed": (
        f"{BG} topic bg-remover-local-alerts",
        {"confirmed": {"email": False}, "counts": ("0", "1")},
    ),
    "bucket-deleted": (f"{OA} bucket opportunity-analysis-backup-local-123456789012", {"error": "404"}),
    "iceberg-table-deleted": (f"{BG} iceberg_table sales_history", {"error": "EntityNotFoundException"}),
    "rest-api-deleted": (f"{PL} rest_api product-lambda-local", {"apis": 0}),
    "rest-api-undeployed": (f"{PL} rest_api product-lambda-local", {"apis": 1, "stages": []}),
    "health-check-deleted": (f"{PL} health_check product-lambda-local-api", {"statuses": []}),
    "health-check-failing": (f"{PL} health_check product-lambda-local-api", {}),
    "dashboard-deleted": (f"{BG} dashboard bg-remover-local-overview", {"error": "ResourceNotFound"}),
    "secret-deleted": (f"{ZL} secret zae-limiter/on-call-contacts", {"error": "ResourceNotFoundException"}),
    "secret-scheduled-for-deletion": (f"{BG} secret bg-remover/on-call-contacts", {"deleted": True}),
    "role-deleted": (f"{ZL} role zae-limiter-local-aggr", {"error": "NoSuchEntity"}),
}
"""Fault to the one resource that reads differently, and what must be in it then."""

SIDE_EFFECTS = {
    # All accounts are one.
    "account-switched": {f"{PL} account account-123456789012", f"{ZL} account account-123456789012"},
    # A mapping cannot be compared with a stream that is switched off.
    "stream-disabled": {f"{ZL} event_source zae-limiter-local-stream"},
}


def break_and_read(breakable, *names):
    def run():
        for fault in parse_faults(names):
            fault.apply(breakable.world)
        return breakable.read_all()

    return breakable.in_fork(run)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_breaks_what_it_names_and_nothing_else(name, breakable, healthy):
    """Of everything that can be read, only what the fault is about reads differently."""
    resource, facts = EXPECTED[name]

    broken = break_and_read(breakable, name)

    changed = {key for key in healthy if broken[key] != healthy[key]}
    assert changed - SIDE_EFFECTS.get(name, set()) == {resource}
    assert {key: broken[resource].get(key) for key in facts} == facts


@pytest.mark.parametrize(
    ("name", "resource", "answer"),
    [
        ("health-endpoint-failing", f"{BG} health_endpoint health", (503, {"status": "unhealthy"})),
        ("health-endpoint-unhealthy", f"{OA} health_endpoint health-ready", (200, {"status": "degraded"})),
        ("health-endpoint-hostile", f"{BG} health_endpoint health", (200, {"status": HOSTILE_STATUS})),
    ],
)
def test_health_endpoint_faults_answer_as_named(name, resource, answer, breakable):
    """Status and body are those of the fault."""
    status, _, body = break_and_read(breakable, name)[resource]["answer"]

    assert (status, json.loads(body)) == answer


@pytest.mark.parametrize(
    ("name", "resource", "state"),
    [
        ("alarm-firing", f"{BG} alarm bg-remover-local-dlq-depth", ("ALARM", True)),
        ("alarm-without-data", f"{OA} alarm aws-opportunity-analysis-local-response-time", ("INSUFFICIENT_DATA", True)),
        ("alarm-muted", f"{PL} alarm product-lambda-local-errors", ("OK", False)),
    ],
)
def test_alarm_faults_change_the_state_or_the_actions(name, resource, state, breakable):
    """An alarm fault leaves the rest of the alarm as it was."""
    assert break_and_read(breakable, name)[resource]["alarms"][0][:2] == state


def test_failing_health_check_is_seen_by_most_checkers(breakable):
    """Route 53 calls an endpoint unhealthy when more than 18 % of the checkers fail; here most do."""
    statuses = break_and_read(breakable, "health-check-failing")[f"{PL} health_check product-lambda-local-api"][
        "statuses"
    ]

    failed = [status for status in statuses if status.startswith("Failure: HTTP Status Code 503")]
    assert len(statuses) / 2 < len(failed) < len(statuses)


def test_partial_data_is_given_for_one_series_only(breakable):
    """Other queries of the same call stay complete."""

    def ask():
        for fault in parse_faults(["metric-partial"]):
            fault.apply(breakable.world)
        cloudwatch = breakable.client("cloudwatch", "af-south-1")
        queries = [
            {"Id": name.lower(), "MetricStat": {"Metric": {"Namespace": "N", "MetricName": name}, **per_minute}}
            for name in ("Count", "4XXError")
        ]
        api = {"Name": "ApiName", "Value": "product-lambda-local"}
        broken = {"Namespace": "AWS/ApiGateway", "MetricName": "5XXError", "Dimensions": [api]}
        queries.append({"Id": "broken", "MetricStat": {"Metric": broken, **per_minute}})
        return cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=1, EndTime=61)["MetricDataResults"]

    per_minute = {"Period": 60, "Stat": "Sum"}

    results = breakable.in_fork(ask)

    assert [one["StatusCode"] for one in results] == ["Complete", "Complete", "PartialData"]


def test_faults_can_be_combined(breakable, healthy):
    """Two faults of one operation both show."""
    broken = break_and_read(breakable, "index-creating", "table-inaccessible", "stack-updating")

    assert len([key for key in healthy if broken[key] != healthy[key]]) == 3


def test_every_fault_says_what_it_breaks_and_where_the_runbook_treats_it():
    """One sentence, and a place in a service's runbook."""
    for fault in FAULTS.values():
        assert fault.breaks.endswith("."), fault.name
        assert fault.runbook.startswith("runbooks/"), fault.name
        assert fault.runbook.split("#")[1], fault.name
        assert fault.name in describe_faults()


def call(breakable, *names, service="sqs", method="list_queues", **params):
    def run():
        for fault in parse_faults(names):
            fault.apply(breakable.world)
        return getattr(breakable.client(service, "eu-west-1"), method)(**params)

    return breakable.in_fork(run)


@pytest.mark.parametrize(
    ("service", "method", "params", "denial"),
    [
        ("sqs", "list_queues", {}, ("AccessDenied", 403, "sqs:ListQueues")),
        ("dynamodb", "list_tables", {}, ("AccessDeniedException", 400, "dynamodb:ListTables")),
        ("lambda", "list_functions", {}, ("AccessDeniedException", 403, "lambda:ListFunctions")),
        ("cloudformation", "describe_stacks", {}, ("AccessDenied", 403, "cloudformation:DescribeStacks")),
        ("sns", "list_topics", {}, ("AuthorizationError", 403, "sns:ListTopics")),
        ("cloudwatch", "describe_alarms", {}, ("AccessDenied", 403, "cloudwatch:DescribeAlarms")),
        ("logs", "filter_log_events", {"logGroupName": "x"}, ("AccessDeniedException", 400, "logs:FilterLogEvents")),
        ("route53", "list_health_checks", {}, ("AccessDenied", 403, "route53:ListHealthChecks")),
        ("s3", "head_bucket", {"Bucket": "xyz"}, ("403", 403, "")),
    ],
)
def test_denied_call_reads_as_access_denied(service, method, params, denial, breakable):
    """With the service's own code and status, and the IAM action that is missing; ``*`` is any operation."""
    code, status, action = denial

    with pytest.raises(ClientError) as caught:
        call(breakable, f"denied={service}.*", service=service, method=method, **params)

    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert action in caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("fault", "codes"),
    [("throttled", ("ThrottlingException", 400)), ("unavailable", ("ServiceUnavailable", 503))],
)
def test_call_fails_as_named(fault, codes, breakable):
    """Throttled and unavailable are errors that clients know."""
    with pytest.raises(ClientError) as caught:
        call(breakable, f"{fault}=sqs.ListQueues")

    assert (
        caught.value.response["Error"]["Code"],
        caught.value.response["ResponseMetadata"]["HTTPStatusCode"],
    ) == codes


def test_malformed_xml_cannot_be_parsed(breakable):
    """The body breaks off."""
    with pytest.raises(ResponseParserError):
        call(breakable, "malformed=sns.*", service="sns", method="list_topics")


@pytest.mark.parametrize(
    ("service", "method", "field"), [("sqs", "list_queues", "QueueUrls"), ("lambda", "list_functions", "Functions")]
)
def test_malformed_json_reads_as_an_empty_answer(service, method, field, breakable):
    """boto3 swallows JSON that breaks off: only the fields that AWS always sends are not there."""
    answer = call(breakable, f"malformed={service}.*", service=service, method=method)

    assert field not in answer
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_call_fault_leaves_other_operations_alone(breakable):
    """Only the named operation is hit."""
    assert call(breakable, "denied=sqs.GetQueueAttributes")["QueueUrls"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("dlq-backlogs", "dlq-backlog"),
        ("", "nothing like it"),
        ("denied=sqs", "sqs.GetQueueAttributes"),
        ("denied=sqs.getQueueAttributes!", "sqs.GetQueueAttributes"),
        ("refused=sqs.ListQueues", "--list-faults"),
    ],
)
def test_unknown_fault_is_refused_with_what_is_near(name, hint):
    """The message names what was given and what is allowed."""
    with pytest.raises(UnknownFault, match="--fault") as caught:
        parse_faults([name])

    assert hint in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("denied=sqz.ListQueues", "sqs"), ("denied=sqs.ListQueue", "ListQueues"), ("denied=support-app.*", "cannot tell")],
)
def test_unknown_call_is_refused_when_it_is_applied(name, hint, breakable):
    """A fault of a call that is never made would look like a pass."""
    with pytest.raises(UnknownOperationError, match=hint):
        call(breakable, name)


def test_fault_of_something_that_is_not_declared_says_so(breakable):
    """Whoever changes the catalogue is told which name a fault is looking for, and what there is."""
    from fixtures.embedded.world import NotDeclaredError

    with pytest.raises(NotDeclaredError, match=r"no stack 'bg-remover-old'.*bg-remover-local"):
        breakable.world.find("stack", "bg-remover-old")
