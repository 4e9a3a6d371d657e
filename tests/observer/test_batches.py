"""Requests that share calls: everybody gets exactly its own result, and no call is larger than AWS takes."""

from __future__ import annotations

import random
import threading
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.aws.health import HealthReader
from fixtures.aws.request import AwsRequest
from fixtures.observations import Observation, State, Unobserved, Usage
from fixtures.observer import Observer
from fixtures.observer.batches import POINTS_A_CALL, calls_for, group_of, merged, split
from fixtures.resources.answer import Answer
from fixtures.resources.series import Metric, Series, query

NOW = datetime(2026, 1, 5, 12, 0, 30, tzinfo=UTC)
MOST = 500
LAWS = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ERRORS = Metric("AWS/Lambda", "Errors", "Sum", "zero")


def metric(name: str, minutes: int = 5, statistic: str = "Sum", region: str = "eu-west-1") -> AwsRequest:
    """A request for one metric of a function, as resources ask for it."""
    asked = Metric("AWS/Lambda", "Errors", statistic, "zero")
    parameters = query(asked, {"FunctionName": name}, timedelta(minutes=minutes), NOW)
    return AwsRequest.of("local", region, "cloudwatch", "GetMetricData", parameters)


def named(request: AwsRequest) -> list[str]:
    """The functions whose metrics a call asks for."""
    queries = request.parsed["MetricDataQueries"]
    return [query["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for query in queries]


def points(requests: list[AwsRequest]) -> int:
    """Data points that a call can have at most."""
    total = 0
    for request in requests:
        parameters = request.parsed
        seconds = datetime.fromisoformat(parameters["EndTime"]) - datetime.fromisoformat(parameters["StartTime"])
        total += ceil(seconds.total_seconds() / parameters["MetricDataQueries"][0]["MetricStat"]["Period"])
    return total


def value_of(name: str) -> float:
    """What the cloud below says of a function."""
    return float(sum(map(ord, name)))


class Cloud:
    """Answers GetMetricData as CloudWatch documents it: in any order, over any number of pages."""

    def __init__(self, seed: int = 0, broken: dict[str, str] | None = None, invalid: frozenset[str] = frozenset()):
        self.calls: list[AwsRequest] = []
        self._random = random.Random(seed)
        self._broken = broken or {}
        self._invalid = invalid
        self._lock = threading.Lock()

    def read(self, request: AwsRequest) -> tuple[Observation, Usage]:
        """An answer, as the reader merges it from its pages."""
        with self._lock:
            self.calls.append(request)
            usage = Usage()
            usage.sent(request.name, 0.0)
            if self._invalid & set(named(request)):
                return Observation(State.FAILED, reason="no", code="ValidationError"), usage
            ids = [query["Id"] for query in request.parsed["MetricDataQueries"]]
            assert len(set(ids)) == len(ids), "CloudWatch refuses a call with two queries of one id"
            results = [part for id_, name in zip(ids, named(request), strict=True) for part in self._parts(id_, name)]
            return Observation(State.VALUE, {"MetricDataResults": self._shuffled(results)}), usage

    def _parts(self, id_: str, name: str) -> list[dict[str, Any]]:
        """The parts of one query's result, over as many pages; all but the last say that there is more."""
        status = self._broken.get(name, "Complete")
        if status == "missing":
            return []
        whole, pieces = value_of(name), self._random.randint(1, 3)
        values = [1.0] * (pieces - 1) + [whole - pieces + 1]
        codes = ["PartialData"] * (pieces - 1) + [status]
        return [
            {"Id": id_, "Label": name, "Values": [value], "StatusCode": code}
            for value, code in zip(values, codes, strict=True)
        ]

    def _shuffled(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Queries in any order, the parts of each in their own."""
        order = [result["Id"] for result in results]
        self._random.shuffle(order)
        parts = {id_: iter([result for result in results if result["Id"] == id_]) for id_ in set(order)}
        return [next(parts[id_]) for id_ in order]


def observed(observation: Observation) -> float:
    """The metric's value as a check gets it."""
    answer = Answer(observation.get("x"), "cloudwatch.GetMetricData", "x", {"MetricDataResults": {}})
    return Series(ERRORS, "x", lambda: answer, lambda: None).value


def everything(observer: Observer, requests: list[AwsRequest]) -> list[Observation]:
    """Observations of requests that were announced together."""
    for request in requests:
        observer.announce(request)
    return [observer.observe(request) for request in requests]


def observer_of(cloud: Cloud) -> Observer:
    return Observer(cloud, HealthReader(), lambda: NOW)  # type: ignore[arg-type]


wishes = st.lists(
    st.builds(
        metric,
        st.text("abcdef", min_size=1, max_size=6),
        st.sampled_from([1, 5, 15, 180, 1440, 20_160, 100_800, 200_000]),
        st.sampled_from(["Sum", "Maximum", "p95"]),
        st.sampled_from(["eu-west-1", "us-east-1"]),
    ),
    max_size=60,
    unique_by=lambda request: request.key,
)


@settings(LAWS, max_examples=60)
@given(wishes, st.integers())
def test_every_request_gets_exactly_its_own_result(requests: list[AwsRequest], seed: int) -> None:
    """Whatever the windows and periods, the split into calls and pages, and the order in which results come."""
    cloud = Cloud(seed)
    seen = everything(observer_of(cloud), requests)
    totals = [sum(one.value["MetricDataResults"][0]["Values"]) for one in seen]
    assert totals == [value_of(named(request)[0]) for request in requests]
    assert sum(len(named(call)) for call in cloud.calls) == len(requests)


@settings(LAWS, max_examples=60)
@given(
    st.lists(st.sampled_from([1, 180, 1440, 100_800, 6_048_000, 9_000_000]), max_size=1300),
)
def test_no_call_is_larger_than_aws_takes(windows: list[int]) -> None:
    """500 queries and 100,800 points; what is too large alone goes alone, and none is lost or asked twice."""
    requests = [metric(f"f{number}", minutes) for number, minutes in enumerate(windows)]
    calls = list(calls_for(requests))
    assert [request for call in calls for request in call] == requests
    assert all(len(call) <= MOST and (points(call) <= POINTS_A_CALL or len(call) == 1) for call in calls)


@settings(LAWS, max_examples=40)
@given(st.integers(0, 1600), st.sampled_from([1, 5, 180, 360, 1440, 20_160]))
def test_equal_requests_take_as_few_calls_as_the_limits_allow(count: int, minutes: int) -> None:
    """Each full but the last."""
    requests = [metric(f"f{number}", minutes) for number in range(count)]
    room = min(MOST, POINTS_A_CALL // points(requests[:1])) if requests else 1
    assert len(list(calls_for(requests))) == ceil(count / room)


@settings(LAWS)
@given(st.lists(wishes, min_size=2, max_size=3))
def test_only_what_differs_in_its_metric_alone_shares_a_call(lists: list[list[AwsRequest]]) -> None:
    """Equal in stage, region and window: a call has one of each."""
    for request in (request for requests in lists for request in requests):
        for other in lists[0]:
            ours, theirs = request.parsed, other.parsed
            is_alike = request.region == other.region and ours["StartTime"] == theirs["StartTime"]
            assert (group_of(request) == group_of(other)) is is_alike


BROKEN = {"a": "PartialData", "b": "InternalError", "c": "missing", "d": "Forbidden", "e": "none"}


@settings(LAWS, max_examples=30)
@given(st.sets(st.sampled_from("abcdexyz"), min_size=1), st.integers())
def test_what_is_not_complete_never_becomes_a_value(names: set[str], seed: int) -> None:
    """Partial, broken and missing results are failed looks, and those that share the call are not."""
    requests = [metric(name) for name in sorted(names)]
    for request, observation in zip(requests, everything(observer_of(Cloud(seed, BROKEN)), requests), strict=True):
        (name,) = named(request)
        if name in BROKEN:
            with pytest.raises(Unobserved) as raised:
                observed(observation)
            assert raised.value.state is State.FAILED
        else:
            assert observed(observation) == value_of(name)


@settings(LAWS, max_examples=30)
@given(st.integers(1, 40), st.sets(st.integers(0, 39), max_size=5))
def test_an_invalid_query_spoils_no_other(count: int, bad: set[int]) -> None:
    """CloudWatch refuses the whole call; only what is refused on its own has failed."""
    invalid = frozenset(f"f{number}" for number in bad)
    requests = [metric(f"f{number}") for number in range(count)]
    cloud = Cloud(invalid=invalid)
    seen = everything(observer_of(cloud), requests)
    failed = {named(request)[0] for request, one in zip(requests, seen, strict=True) if one.state is State.FAILED}
    assert failed == invalid & {f"f{number}" for number in range(count)}
    for request, one in zip(requests, seen, strict=True):
        assert one.state is State.FAILED or observed(one) == value_of(named(request)[0])


def test_results_that_nobody_asked_for_are_nobodys() -> None:
    """An id of no query, of a query past the last, or none."""
    requests = [metric("a"), metric("b")]
    assert named(merged(requests)) == ["a", "b"]
    strangers = [{"Id": id_, "Values": [7.0], "StatusCode": "Complete"} for id_ in ("m2", "m-1", "m", "", "q", "m1x")]
    own = [{"Id": "m1", "Values": [1.0], "StatusCode": "Complete"}, {"Values": [7.0], "StatusCode": "Complete"}]
    first, second = split(requests, Observation(State.VALUE, {"MetricDataResults": strangers + own}))
    with pytest.raises(Unobserved):
        observed(first)
    assert observed(second) == 1.0


def expression(number: int) -> dict[str, Any]:
    return {"Id": f"e{number}", "Expression": "SUM(METRICS())"}


ODD = {
    "two queries": {"MetricDataQueries": [*metric("a").parsed["MetricDataQueries"], expression(1)]},
    "an expression": {"MetricDataQueries": [expression(1)]},
    "no query": {"MetricDataQueries": []},
    "no list": {"MetricDataQueries": "m0"},
    "no period": {"MetricDataQueries": [{"Id": "m0", "MetricStat": {"Stat": "Sum"}}]},
    "a period of zero": {"MetricDataQueries": [{"Id": "m0", "MetricStat": {"Period": 0}}]},
    "no such time": {"StartTime": "yesterday"},
}


@pytest.mark.parametrize("name", ODD)
def test_a_request_of_another_form_goes_on_its_own(name: str) -> None:
    """It is asked as it is, and those that can share a call are answered all the same."""
    odd = metric("odd").with_parameters(**ODD[name])
    plain = [metric("a"), metric("b")]

    class Reader(Cloud):
        def read(self, request: AwsRequest) -> tuple[Observation, Usage]:
            return (Observation(State.VALUE, "odd"), Usage()) if request == odd else super().read(request)

    seen = everything(observer_of(Reader()), [plain[0], odd, plain[1]])
    assert seen[1].value == "odd"
    assert [observed(seen[0]), observed(seen[2])] == [value_of("a"), value_of("b")]


def test_log_groups_share_a_call_of_fifty() -> None:
    """And one that wants only some items of its answer does not shorten those of the others."""
    requests = [
        AwsRequest.of("local", "eu-west-1", "logs", "DescribeLogGroups", {"logGroupIdentifiers": [f"g{number}"]})
        for number in range(120)
    ]
    assert len({group_of(request) for request in requests}) == 1
    assert [len(call) for call in calls_for(requests)] == [50, 50, 20]
    few = AwsRequest.of("local", "eu-west-1", "logs", "DescribeLogGroups", {"logGroupIdentifiers": ["x"]}, 1)
    assert group_of(few) is None
