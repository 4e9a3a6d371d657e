"""Which operation an HTTP request asks for, and with which parameters."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SCOPE = re.compile(rb"Credential=[^/]*/\d+/([^/]+)/([^/]+)/aws4_request")
TARGET = re.compile(rb"\r\nx-amz-target:[^\r]*\.(\w+)", re.IGNORECASE)
SERVICES = {"monitoring": "cloudwatch"}
"""Signing name to boto3's name, where they differ."""

ROUTES = [
    (method, re.compile(path + "/?"), name)
    for method, path, name in (
        ("GET", r"/2015-03-31/functions/(?P<FunctionName>[^/]+)/configuration", "lambda.GetFunctionConfiguration"),
        ("GET", r"/2015-03-31/functions/(?P<FunctionName>[^/]+)/aliases/(?P<Name>[^/]+)", "lambda.GetAlias"),
        ("GET", r"/2019-09-30/functions/(?P<FunctionName>[^/]+)/concurrency", "lambda.GetFunctionConcurrency"),
        ("GET", r"/2015-03-31/event-source-mappings", "lambda.ListEventSourceMappings"),
        ("GET", r"/restapis", "apigateway.GetRestApis"),
        ("GET", r"/restapis/(?P<restApiId>[^/]+)/stages", "apigateway.GetStages"),
        ("GET", r"/2013-04-01/healthcheck", "route53.ListHealthChecks"),
        ("GET", r"/2013-04-01/healthcheck/(?P<HealthCheckId>[^/]+)/status", "route53.GetHealthCheckStatus"),
        ("HEAD", r"/(?P<Bucket>[^/]+)", "s3.HeadBucket"),
    )
]
"""Operations that are told by method and path. Source: botocore's service models."""


@dataclass(frozen=True)
class Call:
    """One call of one operation."""

    name: str
    """``service.Operation``, the service as boto3 names it."""
    region: str
    """Region that the request is signed for."""
    parameters: dict[str, Any]
    """As on the wire: lists of the query protocol are flat."""


def call_of(method: str, target: str, head: bytes, body: bytes) -> Call | None:
    """The call that a signed request makes; None for one that is not signed, or that no operation is known for."""
    scope = SCOPE.search(head)
    if scope is None:
        return None
    region, signed = scope[1].decode(), scope[2].decode()
    service = SERVICES.get(signed, signed)
    if operation := TARGET.search(head):
        return Call(f"{service}.{operation[1].decode()}", region, json.loads(body or b"{}"))
    if body.startswith(b"Action="):
        form = dict(parse_qsl(body.decode()))
        return Call(f"{service}.{form['Action']}", region, form)
    return _routed(service, method, target, region)


def _routed(service: str, method: str, target: str, region: str) -> Call | None:
    parts = urlsplit(target)
    for known, path, name in ROUTES:
        if known == method and name.startswith(f"{service}.") and (match := path.fullmatch(parts.path)):
            labels = {label: unquote(value) for label, value in match.groupdict().items()}
            return Call(name, region, {**dict(parse_qsl(parts.query)), **labels})
    return None
