"""REST APIs, and the health checks of Route 53."""

from __future__ import annotations

import hashlib
from typing import Any

from canned.answers.registry import CREATED, CREATED_ISO, answers
from canned.call import Call
from canned.world import World

CHECKERS = ("us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "sa-east-1")


def handed_out(name: str) -> str:
    """An id that only an answer tells: ten hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]


@answers("apigateway.GetRestApis")
def rest_apis(world: World, call: Call) -> dict[str, Any]:
    """Every declared API of the region, under the name that this operation has for its list on the wire."""
    declared = world.all("rest_api", call.region)
    return {"item": [{"id": handed_out(api.name), "name": api.name, "createdDate": CREATED} for api in declared]}


@answers("apigateway.GetStages")
def stages(world: World, call: Call) -> dict[str, Any]:
    """The declared deployment of the API."""
    declared = [
        api for api in world.all("rest_api", call.region) if handed_out(api.name) == call.parameters["restApiId"]
    ]
    return {
        "item": [{"stageName": api.deployment, "deploymentId": "canned", "createdDate": CREATED} for api in declared]
    }


@answers("route53.ListHealthChecks")
def health_checks(world: World, call: Call) -> dict[str, Any]:
    """Every declared health check of the account."""
    checks = [_health_check(check) for check in world.everywhere("health_check")]
    listed = {"HealthChecks": {"HealthCheck": checks}, "Marker": "", "IsTruncated": False, "MaxItems": 100}
    return {"ListHealthChecksResponse": listed}


def _health_check(check: Any) -> dict[str, Any]:
    config = {"Port": 443, "Type": "HTTPS", "ResourcePath": check.path, "FullyQualifiedDomainName": check.host}
    config |= {"RequestInterval": 30, "FailureThreshold": 3}
    return {
        "Id": handed_out(check.name),
        "CallerReference": check.name,
        "HealthCheckConfig": config,
        "HealthCheckVersion": 1,
    }


@answers("route53.GetHealthCheckStatus")
def health_check_status(world: World, call: Call) -> dict[str, Any]:
    """Every checker sees it healthy."""
    report = {"Status": "Success: HTTP Status Code 200, OK", "CheckedTime": CREATED_ISO}
    seen = [
        {"Region": region, "IPAddress": f"192.0.2.{number}", "StatusReport": report}
        for number, region in enumerate(CHECKERS, 1)
    ]
    return {"GetHealthCheckStatusResponse": {"HealthCheckObservations": {"HealthCheckObservation": seen}}}
