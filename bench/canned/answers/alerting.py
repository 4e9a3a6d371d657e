"""Alarms, metrics, topics and dashboards."""

from __future__ import annotations

import json
import re
import zlib
from datetime import UTC, datetime
from typing import Any

from canned.answers.registry import CREATED, answers, page
from canned.call import Call
from canned.world import World

ALARMS_A_PAGE = 100
"""Source: DescribeAlarms' highest MaxRecords."""
TROUBLE = re.compile("Error|Throttle|[45]XX|Age|Lag")
"""Metrics that are 0 where all is well."""


@answers("cloudwatch.DescribeAlarms")
def alarms(world: World, call: Call) -> dict[str, Any]:
    """All alarms of the region or those that are named, a page of them, quiet and with their actions enabled."""
    named = call.parameters.get("AlarmNames")
    declared = [alarm for alarm in world.all("alarm", call.region) if not named or alarm.name in set(named)]
    size = min(int(call.parameters.get("MaxRecords") or ALARMS_A_PAGE), ALARMS_A_PAGE)
    shown, token = page(declared, call.parameters.get("NextToken"), size)
    answer = {"MetricAlarms": [_alarm(world, call, alarm) for alarm in shown], "CompositeAlarms": []}
    return {**answer, "NextToken": token} if token else answer


def _alarm(world: World, call: Call, alarm: Any) -> dict[str, Any]:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": world.arn("cloudwatch", call.region, f"alarm:{alarm.name}"),
        "AlarmConfigurationUpdatedTimestamp": CREATED,
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [world.arn("sns", call.region, alarm.topic)],
        "InsufficientDataActions": [],
        "StateValue": "OK",
        "StateReason": "Threshold not crossed",
        "StateUpdatedTimestamp": CREATED,
        "MetricName": alarm.metric,
        "Namespace": alarm.namespace,
        "Statistic": "Sum",
        "Dimensions": [{"Name": name, "Value": value} for name, value in alarm.dimensions.items()],
        "Period": alarm.period_seconds,
        "EvaluationPeriods": alarm.periods,
        "Threshold": alarm.above,
        "ComparisonOperator": "GreaterThanThreshold",
        "StateTransitionedTimestamp": CREATED,
    }


@answers("cloudwatch.GetMetricData")
def metric_data(world: World, call: Call) -> dict[str, Any]:
    """A quiet value for every period of every query, the newest first; each metric has its own, or 0."""
    start, end = (_epoch(call.parameters[name]) for name in ("StartTime", "EndTime"))
    results = [_result(query, start, end) for query in call.parameters["MetricDataQueries"]]
    return {"MetricDataResults": results, "Messages": []}


def _result(query: dict[str, Any], start: int, end: int) -> dict[str, Any]:
    stat = query["MetricStat"]
    times = list(range(start, end, int(stat["Period"])))[::-1]
    label = query.get("Label") or stat["Metric"]["MetricName"]
    values = [_quiet(stat["Metric"])] * len(times)
    return {"Id": query["Id"], "Label": label, "Timestamps": times, "Values": values, "StatusCode": "Complete"}


def _quiet(metric: dict[str, Any]) -> float:
    """0, or a value under 1 that is the metric's own, so that answers cannot be taken for one another's."""
    if TROUBLE.search(metric["MetricName"]):
        return 0.0
    return zlib.crc32(json.dumps(metric, sort_keys=True).encode()) / 2**32


def _epoch(given: Any) -> int:
    """Seconds; clients send a number or ISO 8601 text."""
    if isinstance(given, (int, float)):
        return int(given)
    return int(datetime.fromisoformat(str(given)).astimezone(UTC).timestamp())


@answers("cloudwatch.GetDashboard")
def dashboard(world: World, call: Call) -> dict[str, Any]:
    """The dashboard with its declared widgets."""
    name = call.parameters["DashboardName"]
    declared = world.get("dashboard", call.region, name)
    widgets = [{"type": "metric", "properties": {"title": title}} for title in (declared.widgets if declared else ())]
    arn = f"arn:aws:cloudwatch::{world.account}:dashboard/{name}"
    return {"DashboardArn": arn, "DashboardName": name, "DashboardBody": json.dumps({"widgets": widgets})}


@answers("sns.GetTopicAttributes")
def topic(world: World, call: Call) -> dict[str, Any]:
    """The topic's attributes."""
    arn = call.parameters["TopicArn"]
    attributes = {"TopicArn": arn, "Owner": world.account, "SubscriptionsConfirmed": len(_subscribers(world, arn))}
    return {"Attributes": {"entry": [{"key": name, "value": value} for name, value in attributes.items()]}}


@answers("sns.ListSubscriptionsByTopic")
def subscriptions(world: World, call: Call) -> dict[str, Any]:
    """A confirmed subscription of every declared protocol."""
    arn = call.parameters["TopicArn"]
    members = [
        {
            "SubscriptionArn": f"{arn}:{number:08d}-0000-4000-8000-00000000cafe",
            "Owner": world.account,
            "Protocol": protocol,
            "Endpoint": f"{protocol}@example.com",
            "TopicArn": arn,
        }
        for number, protocol in enumerate(_subscribers(world, arn), 1)
    ]
    return {"Subscriptions": {"member": members}}


def _subscribers(world: World, arn: str) -> tuple[str, ...]:
    *_, region, _, name = arn.split(":")
    declared = world.get("topic", region, name)
    return declared.subscribers if declared else ()
