"""What can be read about each declared resource, through boto3, in a form that two readings can be compared in."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from fixtures.catalogue import Declared

Client = Callable[[str, str], Any]
Fetch = Callable[[str], Any]
Facts = dict[str, Any]


def name_of(resource: Declared) -> str:
    copy = "@dr" if resource.declaration.region == "dr" else ""
    return f"{resource.service} {resource.kind} {resource.name}{copy}"


def read(resource: Declared, client: Client, fetch: Fetch) -> Facts:
    """Everything there is to know; an error of AWS is a fact too."""
    if resource.kind == "health_endpoint":
        return _fetched(fetch, resource.declaration.url)
    try:
        return READERS[resource.kind](resource, lambda service: client(service, resource.region))
    except ClientError as error:
        return {"error": error.response["Error"]["Code"]}


def _fetched(fetch: Fetch, url: str) -> Facts:
    started = time.monotonic()
    answer = fetch(url)
    return {"answer": answer, "slow": time.monotonic() - started > 2}


def _arn(resource: Declared, service: str, name: str) -> str:
    return f"arn:aws:{service}:{resource.region}:{resource.account}:{name}"


def _account(resource: Declared, client: Any) -> Facts:
    return {"Account": client("sts").get_caller_identity()["Account"]}


def _function(resource: Declared, client: Any) -> Facts:
    aws, name = client("lambda"), resource.name
    configuration = aws.get_function_configuration(FunctionName=name)
    wanted = ("State", "StateReason", "LastUpdateStatus", "Timeout", "Runtime")
    facts = {field: configuration.get(field) for field in wanted}
    concurrency = aws.get_function_concurrency(FunctionName=name)
    facts["concurrency"] = concurrency.get("ReservedConcurrentExecutions")
    own = {"Namespace": "AWS/Lambda", "Dimensions": [{"Name": "FunctionName", "Value": name}]}
    [facts["errors"]], _ = _statistics(client("cloudwatch"), [{**own, "MetricName": "Errors"}], "Sum", 300)
    if resource.declaration.alias:
        facts["alias"] = aws.get_alias(FunctionName=name, Name=resource.declaration.alias)["FunctionVersion"]
    return facts


def _log_group(resource: Declared, client: Any) -> Facts:
    groups = client("logs").describe_log_groups(logGroupNamePrefix=resource.name)["logGroups"]
    return {"exists": resource.name in [group["logGroupName"] for group in groups]}


def _queue(resource: Declared, client: Any) -> Facts:
    url = f"https://sqs.{resource.region}.amazonaws.com/{resource.account}/{resource.name}"
    attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    return {"messages": attributes["ApproximateNumberOfMessages"], "moves_to": redrive.get("deadLetterTargetArn")}


def _table(resource: Declared, client: Any) -> Facts:
    table = client("dynamodb").describe_table(TableName=resource.name)["Table"]
    indexes = {one["IndexName"]: one["IndexStatus"] for one in table.get("GlobalSecondaryIndexes", [])}
    stream = table.get("StreamSpecification", {}).get("StreamEnabled", False)
    throttled = _throttled(client("cloudwatch"), resource.name, list(indexes))
    return {"status": table["TableStatus"], "indexes": indexes, "stream": stream, "throttled": throttled}


def _throttled(cloudwatch: Any, table: str, indexes: list[str]) -> list[float | None]:
    """Throttled reads and writes of the table, then of each index."""
    own = [{"Name": "TableName", "Value": table}]
    places = [own, *([*own, {"Name": "GlobalSecondaryIndexName", "Value": index}] for index in indexes)]
    metrics = [
        {"Namespace": "AWS/DynamoDB", "MetricName": name, "Dimensions": dimensions}
        for dimensions in places
        for name in ("ReadThrottleEvents", "WriteThrottleEvents")
    ]
    return _statistics(cloudwatch, metrics, "Sum", 300)[0]


def _topic(resource: Declared, client: Any) -> Facts:
    aws, arn = client("sns"), _arn(resource, "sns", resource.name)
    subscriptions = aws.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    confirmed = {one["Protocol"]: one["SubscriptionArn"].startswith(arn) for one in subscriptions}
    attributes = aws.get_topic_attributes(TopicArn=arn)["Attributes"]
    counts = attributes["SubscriptionsConfirmed"], attributes["SubscriptionsPending"]
    return {"confirmed": confirmed, "counts": counts}


def _bucket(resource: Declared, client: Any) -> Facts:
    client("s3").head_bucket(Bucket=resource.name)
    return {"exists": True}


def _stack(resource: Declared, client: Any) -> Facts:
    return {"status": client("cloudformation").describe_stacks(StackName=resource.name)["Stacks"][0]["StackStatus"]}


def _schedule(resource: Declared, client: Any) -> Facts:
    rule = client("events").describe_rule(Name=resource.name)
    targets = client("events").list_targets_by_rule(Rule=resource.name)["Targets"]
    arns = [target["Arn"] for target in targets]
    return {"state": rule["State"], "expression": rule["ScheduleExpression"], "targets": arns}


def _event_source(resource: Declared, client: Any) -> Facts:
    source = resource.declaration
    stream = client("dynamodb").describe_table(TableName=source.table)["Table"].get("LatestStreamArn")
    mappings = client("lambda").list_event_source_mappings(FunctionName=source.function)["EventSourceMappings"]
    states = [(one["State"], one["LastProcessingResult"]) for one in mappings]
    same_stream = [one["EventSourceArn"] == stream for one in mappings] if stream else []
    return {"states": states, "same_stream": same_stream, "lag": _lag(client("cloudwatch"), source.function)}


def _lag(cloudwatch: Any, function: str) -> list[float]:
    now = datetime.datetime.now(datetime.UTC)
    dimensions = [{"Name": "FunctionName", "Value": function}]
    metric = {"Namespace": "AWS/Lambda", "MetricName": "IteratorAge", "Dimensions": dimensions}
    query = {"Id": "lag", "MetricStat": {"Metric": metric, "Period": 1800, "Stat": "Maximum"}}
    window = {"StartTime": now - datetime.timedelta(minutes=30), "EndTime": now}
    return cloudwatch.get_metric_data(MetricDataQueries=[query], **window)["MetricDataResults"][0]["Values"][:1]


def _statistics(cloudwatch: Any, metrics: list[Any], stat: str, seconds: int) -> tuple[list[float | None], list[str]]:
    """Each metric's statistic over a window as the suite asks for it, and how complete the answers are."""
    now = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)
    end = now - datetime.timedelta(minutes=5)
    queries = [
        {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": seconds, "Stat": stat}}
        for number, metric in enumerate(metrics)
    ]
    window = {"StartTime": end - datetime.timedelta(seconds=seconds), "EndTime": end}
    results = cloudwatch.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"]
    return [next(iter(one["Values"]), None) for one in results], [one["StatusCode"] for one in results]


def _metric(resource: Declared, client: Any) -> Facts:
    metric = resource.declaration
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    asked = {"Namespace": metric.namespace, "MetricName": metric.metric, "Dimensions": dimensions}
    [value], [status] = _statistics(client("cloudwatch"), [asked], metric.statistic, metric.within_seconds)
    tier = metric.limit and value is not None and metric.limit.breach(value)
    return {"status": status, "has_data": value is not None, "breach": str(tier) if tier else None}


def _lines(resource: Declared, client: Any, seconds: float) -> list[Any]:
    pages = (
        client("logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=f"/aws/lambda/{resource.declaration.function}",
            filterPattern=resource.declaration.pattern,
            startTime=int((time.time() - seconds) * 1000),
        )
    )
    return [event for page in pages for event in page["events"]]


def _activity(resource: Declared, client: Any) -> Facts:
    lines = _lines(resource, client, 86_400)
    tier = resource.declaration.silence.breach(time.time() - lines[-1]["timestamp"] / 1000)
    return {"sample": resource.declaration.sample in [line["message"] for line in lines], "breach": tier and str(tier)}


def _trouble(resource: Declared, client: Any) -> Facts:
    return {"lines": len(_lines(resource, client, resource.declaration.within_seconds))}


def _alarm(resource: Declared, client: Any) -> Facts:
    kinds = ["MetricAlarm", "CompositeAlarm"]
    alarms = client("cloudwatch").describe_alarms(AlarmNames=[resource.name], AlarmTypes=kinds)["MetricAlarms"]
    return {"alarms": [(one["StateValue"], one["ActionsEnabled"], one["AlarmActions"]) for one in alarms]}


def _dashboard(resource: Declared, client: Any) -> Facts:
    body = client("cloudwatch").get_dashboard(DashboardName=resource.name)["DashboardBody"]
    return {"titles": [widget["properties"]["title"] for widget in json.loads(body)["widgets"]]}


def _secret(resource: Declared, client: Any) -> Facts:
    return {"deleted": "DeletedDate" in client("secretsmanager").describe_secret(SecretId=resource.name)}


def _rest_api(resource: Declared, client: Any) -> Facts:
    aws = client("apigateway")
    ids = [api["id"] for api in aws.get_rest_apis()["items"] if api["name"] == resource.name]
    stages = [stage["stageName"] for api_id in ids for stage in aws.get_stages(restApiId=api_id)["item"]]
    return {"apis": len(ids), "stages": stages}


def _health_check(resource: Declared, client: Any) -> Facts:
    aws, check = client("route53"), resource.declaration
    configs = {one["Id"]: one["HealthCheckConfig"] for one in aws.list_health_checks()["HealthChecks"]}
    places = {key: (one["FullyQualifiedDomainName"], one["ResourcePath"]) for key, one in configs.items()}
    ids = [key for key, place in places.items() if place == (check.host, check.path)]
    observations = [aws.get_health_check_status(HealthCheckId=key)["HealthCheckObservations"] for key in ids]
    return {"statuses": [one["StatusReport"]["Status"] for found in observations for one in found]}


def _iceberg_table(resource: Declared, client: Any) -> Facts:
    table = client("glue").get_table(DatabaseName=resource.declaration.database, Name=resource.name)["Table"]
    return {"type": table["Parameters"]["table_type"]}


def _role(resource: Declared, client: Any) -> Facts:
    policy = client("iam").get_role(RoleName=resource.name)["Role"]["AssumeRolePolicyDocument"]
    return {"principal": policy["Statement"][0]["Principal"]}


READERS: dict[str, Callable[[Declared, Any], Facts]] = {
    "account": _account,
    "function": _function,
    "log_group": _log_group,
    "queue": _queue,
    "table": _table,
    "topic": _topic,
    "bucket": _bucket,
    "stack": _stack,
    "schedule": _schedule,
    "event_source": _event_source,
    "activity": _activity,
    "trouble": _trouble,
    "alarm": _alarm,
    "metric": _metric,
    "dashboard": _dashboard,
    "secret": _secret,
    "rest_api": _rest_api,
    "health_check": _health_check,
    "iceberg_table": _iceberg_table,
    "role": _role,
}
