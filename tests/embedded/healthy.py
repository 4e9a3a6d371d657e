"""The facts of every resource in its healthy form, worked out from its declaration."""

from __future__ import annotations

import json

from fixtures.catalogue import Declared

from .facts import Facts

SUCCESS = "Success: HTTP Status Code 200, OK"


def expected(resource: Declared) -> dict[str, object]:
    one, place = resource.declaration, f"{resource.region}:{resource.account}"
    if resource.kind == "function":
        facts = {
            "State": "Active",
            "StateReason": None,
            "LastUpdateStatus": "Successful",
            "concurrency": None,
            "errors": None,
        }
        facts |= {"Timeout": one.timeout_seconds, "Runtime": one.runtime}
        return facts | ({"alias": "1"} if one.alias else {})
    if resource.kind == "queue":
        target = one.dead_letter_queue and f"arn:aws:sqs:{place}:{one.dead_letter_queue}"
        return {"messages": "0", "moves_to": target}
    if resource.kind == "table":
        indexes = {index.name: "ACTIVE" for index in one.indexes}
        quiet = [None, None] * (1 + len(indexes))
        return {"status": "ACTIVE", "indexes": indexes, "stream": one.stream, "throttled": quiet}
    if resource.kind == "topic":
        return {"confirmed": dict.fromkeys(one.subscribers, True), "counts": (str(len(one.subscribers)), "0")}
    if resource.kind == "schedule":
        target = f"arn:aws:lambda:{place}:function:{one.target}"
        return {"state": "ENABLED", "expression": one.expression, "targets": [target]}
    if resource.kind == "alarm":
        state = "INSUFFICIENT_DATA" if one.namespace == "AWS/DynamoDB" else "OK"
        return {"alarms": [(state, True, [f"arn:aws:sns:{place}:{one.topic}"])]}
    if resource.kind == "metric":
        return {"status": "Complete", "has_data": one.missing != "zero", "breach": None}
    if resource.kind == "dashboard":
        return {"titles": list(one.widgets)}
    if resource.kind == "rest_api":
        return {"apis": 1, "stages": [one.deployment]}
    return {
        "account": {"Account": resource.account},
        "activity": {"sample": True, "breach": None},
        "bucket": {"exists": True},
        "event_source": {"states": [("Enabled", "OK")], "same_stream": [True], "lag": [120.0]},
        "health_check": {"statuses": [SUCCESS] * 7},
        "iceberg_table": {"type": "ICEBERG"},
        "log_group": {"exists": True},
        "secret": {"deleted": False},
        "stack": {"status": "UPDATE_COMPLETE"},
        "trouble": {"lines": 0},
    }[resource.kind]


def check_is_healthy(resource: Declared, facts: Facts) -> None:
    if resource.kind == "health_endpoint":
        status, content_type, body = facts["answer"]
        assert (status, content_type, facts["slow"]) == (200, "application/json", False)
        assert next(iter(json.loads(body).values())) in ("healthy", "ok")
    elif resource.kind == "role":
        trusted = {
            resource.declaration.trusted,
            f"arn:aws:iam::{resource.account}:oidc-provider/{resource.declaration.trusted}",
        }
        assert trusted & set(facts["principal"].values())
    else:
        assert facts == expected(resource)
