"""One fact by plain boto3 and urllib3, as people write it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import boto3
import urllib3
from botocore import xform_name
from botocore.config import Config

Clients = Callable[[str, str], Any]
"""Gives a client for a service and a region."""

TIMESTAMPS = ("StartTime", "EndTime")


def new_clients(endpoint_url: str) -> Clients:
    """A client of its own for everybody who asks."""
    config = Config(proxies={})

    def client(service: str, region: str) -> Any:
        return boto3.client(service, region_name=region, endpoint_url=endpoint_url, config=config)

    return client


def kept_clients(make: Clients) -> Clients:
    """One client a service and region, made once."""
    made: dict[tuple[str, str], Any] = {}

    def client(service: str, region: str) -> Any:
        if (service, region) not in made:
            made[service, region] = make(service, region)
        return made[service, region]

    return client


def read(fact: dict[str, Any], clients: Clients, endpoint_url: str) -> Any:
    """The answer to one fact."""
    if fact["kind"] == "health":
        return read_health(fact["url"], endpoint_url)
    client = clients(fact["service"], fact["region"])
    operation = xform_name(fact["operation"])
    if client.can_paginate(operation):
        paging = {"MaxItems": fact["max_items"]} if fact.get("max_items") else {}
        paginator = client.get_paginator(operation)
        return paginator.paginate(**parameters_of(fact), PaginationConfig=paging).build_full_result()
    return getattr(client, operation)(**parameters_of(fact))


def parameters_of(fact: dict[str, Any]) -> dict[str, Any]:
    """Parameters as boto3 takes them."""
    given = dict(fact["parameters"])
    if fact["service"] == "cloudwatch":
        given.update({name: datetime.fromisoformat(given[name]) for name in TIMESTAMPS if name in given})
    return given


def read_health(url: str, endpoint_url: str) -> Any:
    """Status and body of a health endpoint; the local stage answers for every host under one path."""
    with urllib3.PoolManager() as pool:
        response = pool.request("GET", address_of(url, endpoint_url), timeout=10.0)
        return {"status_code": response.status, "status": json.loads(response.data)["status"]}


def address_of(url: str, endpoint_url: str) -> str:
    """Where a declared address is answered."""
    return f"{endpoint_url}/_http/{url.removeprefix('https://')}"
