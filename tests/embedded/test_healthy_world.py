"""Over HTTP and boto3, every declared resource reads as healthy."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.catalogue.declarations import Declaration
from fixtures.embedded.clockwork import _ticks

from .conftest import declared
from .facts import name_of, read
from .healthy import check_is_healthy


@pytest.mark.parametrize("resource", declared(), ids=name_of)
def test_every_declared_resource_reads_as_healthy(resource, client, fetch):
    """What boto3 reads is what the declaration asks for."""
    check_is_healthy(resource, read(resource, client, fetch))


def test_every_kind_of_declaration_has_a_seeder():
    """A service file with known kinds needs no code."""
    from fixtures.embedded.seed import SEEDERS

    assert set(SEEDERS) == set(Declaration.__subclasses__())


def test_unknown_health_endpoint_is_not_found(fetch):
    """A host or path that nobody declared is no health endpoint."""
    assert fetch("https://products.local.carousellabs.co/other")[0] == 404
    assert fetch("https://nowhere.example.com/health")[0] == 404


def test_healthy_says_so_in_different_fields(fetch):
    """Services name the field differently, and so do the endpoints."""
    endpoints = [one.declaration.url for one in declared() if one.kind == "health_endpoint"]

    assert len({next(iter(json.loads(fetch(url)[2]))) for url in endpoints}) > 1


def test_world_goes_on(breakable):
    """An hour later there are an hour's lines and points more, and the newest are fresh."""

    def an_hour_later():
        now = breakable.world.now()
        breakable.world.clockwork._now = lambda: now
        breakable.world.clockwork.advance_logs()
        breakable.world.clockwork.advance_metrics()
        before = _newest(breakable), _stored(breakable)
        breakable.world.clockwork._now = lambda: now + 3600
        return before, (_newest(breakable), _stored(breakable)), now

    (newest_before, points_before), (newest, points), now = breakable.in_fork(an_hour_later)

    assert now - 61 <= newest_before <= now
    assert now + 3600 - 61 <= newest <= now + 3600
    assert (points_before, points) == (30, 60)


def _newest(breakable) -> float:
    logs = breakable.client("logs", "eu-west-1")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/bg-remover-local-embeddings")
    return [event for page in pages for event in page["events"]][-1]["timestamp"] / 1000


def _stored(breakable) -> int:
    """Points of the one series that gets one every minute."""
    from moto.cloudwatch.models import cloudwatch_backends

    breakable.client("cloudwatch", "eu-west-1").describe_alarms()
    stored = cloudwatch_backends["123456789012"]["eu-west-1"].metric_data
    return len([datum for datum in stored if datum.name == "IteratorAge"])


def test_lines_of_a_long_absence_are_few(breakable):
    """A world that nobody read for a month writes a day's lines at most."""

    def a_month_later():
        lines = breakable.world.clockwork.lines["bg-remover/embedding-generated"]
        breakable.world.clockwork.advance_logs()
        lines.written_until -= 30 * 86_400
        breakable.world.clockwork.advance_logs()
        logs = breakable.client("logs", "eu-west-1")
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=lines.group)
        return sum(len(page["events"]) for page in pages)

    assert breakable.in_fork(a_month_later) <= 1440 + 60


def test_deleted_log_group_leaves_the_others_readable(breakable):
    """What can no longer be written hinders nobody who reads something else."""

    def read_another():
        logs = breakable.client("logs", "eu-west-1")
        logs.delete_log_group(logGroupName="/aws/lambda/bg-remover-local-embeddings")
        return logs.filter_log_events(logGroupName="/aws/lambda/bg-remover-local-s3-exporter")["events"]

    assert breakable.in_fork(read_another)


@given(
    anchor=st.integers(0, 10**9),
    every=st.integers(1, 10**5),
    start=st.integers(0, 10**9),
    steps=st.lists(st.integers(0, 10**5), max_size=5),
)
def test_ticks_do_not_depend_on_when_one_looks(anchor, every, start, steps):
    """Looking in between neither loses a tick nor repeats one."""
    times = [start]
    for step in steps:
        times.append(times[-1] + step)
    in_parts = [tick for after, until in pairwise(times) for tick in _ticks(anchor, every, after, until)]

    assert in_parts == list(_ticks(anchor, every, times[0], times[-1]))
