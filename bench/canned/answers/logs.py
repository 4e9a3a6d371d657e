"""Log groups and their lines."""

from __future__ import annotations

from typing import Any

from canned.answers.registry import CREATED, answers, page
from canned.call import Call
from canned.world import World

GROUPS_A_PAGE = 50
"""Source: DescribeLogGroups' highest limit."""
AGE_MS = 5_000
"""How long before the end of every time window the newest line was written."""


@answers("logs.DescribeLogGroups")
def groups(world: World, call: Call) -> dict[str, Any]:
    """The declared log groups that are asked for, by name, ARN or prefix, a page of them."""
    names = _asked(world, call)
    shown, token = page(names, call.parameters.get("nextToken"), int(call.parameters.get("limit") or GROUPS_A_PAGE))
    listed = [
        {
            "logGroupName": name,
            "creationTime": CREATED * 1000,
            "arn": world.arn("logs", call.region, f"log-group:{name}:*"),
        }
        for name in shown
    ]
    return {"logGroups": listed, **({"nextToken": token} if token else {})}


def _asked(world: World, call: Call) -> list[str]:
    named = [one.split(":log-group:")[-1] for one in call.parameters.get("logGroupIdentifiers") or ()]
    if named:
        return [name for name in named if world.get("log_group", call.region, name)]
    prefix = call.parameters.get("logGroupNamePrefix") or ""
    return [group.name for group in world.all("log_group", call.region) if group.name.startswith(prefix)]


@answers("logs.FilterLogEvents")
def events(world: World, call: Call) -> dict[str, Any]:
    """A fresh line for a declared activity, and none for anything else: a healthy service has no trouble."""
    asked = call.parameters
    is_activity = (asked["logGroupName"], asked.get("filterPattern")) in world.lines
    at = int(asked["endTime"]) - AGE_MS
    event = {"logStreamName": "canned", "timestamp": at, "ingestionTime": at, "message": "canned", "eventId": "1"}
    return {"events": [event] if is_activity else [], "searchedLogStreams": []}
