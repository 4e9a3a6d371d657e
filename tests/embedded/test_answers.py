"""What the layer answers itself follows AWS's documentation, and refuses what it does not implement."""

from __future__ import annotations

import datetime
import time

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from fixtures.embedded.answers.filter_pattern import FilterPattern
from fixtures.embedded.answers.statistics import Point, percentile
from fixtures.embedded.messages import NotAvailableError

NOW = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)
MINUTE = datetime.timedelta(minutes=1)

words = st.text("abcABC_1", min_size=1, max_size=3)
lines = st.text('abcABC_1 "\\[]{}?-', max_size=30)


@pytest.mark.parametrize(
    ("pattern", "line", "matches"),
    [
        ("", "anything", True),
        ("   ", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an error here", False),
        ("ERROR Exception", "Exception after ERROR", True),
        ("ERROR Exception", "only an ERROR", False),
        ("?ERROR ?Exception", "only an Exception", True),
        ("?ERROR ?Exception", "neither", False),
        ('"export finished"', "export finished rows=1", True),
        ('"export finished"', "finished export", False),
        ('"validation_summary" "CRITICAL"', "validation_summary status=CRITICAL", True),
        ('"validation_summary" "CRITICAL"', "validation_summary status=OK", False),
        ("ERROR -harmless", "ERROR", True),
        ("ERROR -harmless", "harmless ERROR", False),
        ('-"not this"', "not this", False),
        ("?ERROR INFO", "INFO", True),
        ("?ERROR INFO", "ERROR", False),
        ("?ERROR -INFO", "anything else", True),
        (r'"say \"no\""', 'say "no"', True),
    ],
)
def test_filter_pattern(pattern, line, matches):
    """Terms are case-sensitive and ANDed; ``?`` ORs, and is ignored next to other terms; quotes make a phrase."""
    assert FilterPattern.parse(pattern).matches(line) is matches


@given(terms=st.lists(words, min_size=1, max_size=4), line=lines)
def test_plain_terms_are_anded_and_question_marks_are_ored(terms, line):
    """Law: AND is all of the single terms, OR is any of them."""
    single = [FilterPattern.parse(term).matches(line) for term in terms]

    assert FilterPattern.parse(" ".join(terms)).matches(line) == all(single)
    assert FilterPattern.parse(" ".join(f"?{term}" for term in terms)).matches(line) == any(single)


@given(phrase=lines.filter(bool), line=lines)
def test_quoted_phrase_is_looked_for_as_it_is(phrase, line):
    """Law: whatever is quoted matches the lines that hold it, and its exclusion matches all the others."""
    quoted = '"' + phrase.replace("\\", "\\\\").replace('"', '\\"') + '"'

    assert FilterPattern.parse(quoted).matches(line) == (phrase in line)
    assert FilterPattern.parse("-" + quoted).matches(line) != FilterPattern.parse(quoted).matches(line)


@given(terms=st.lists(words, min_size=1, max_size=3), optional=words, line=lines)
def test_optional_terms_change_nothing_next_to_plain_ones(terms, optional, line):
    """Law: adding ``?term`` to a pattern of plain terms matches the same lines."""
    plain = " ".join(terms)

    assert FilterPattern.parse(f"?{optional} {plain}").matches(line) == FilterPattern.parse(plain).matches(line)


@pytest.mark.parametrize("pattern", ["{ $.level = ERROR }", "[level, message]", "%ERR.*%", "status=OK", '"open', "a*"])
def test_patterns_that_are_not_implemented_are_refused(pattern, client):
    """A clear 501 that no client retries, never every line."""
    with pytest.raises(NotAvailableError, match="filter pattern"):
        FilterPattern.parse(pattern)
    group = "/aws/lambda/bg-remover-local-embeddings"
    with pytest.raises(ClientError) as caught:
        client("logs", "eu-west-1").filter_log_events(logGroupName=group, filterPattern=pattern)
    assert refusal(caught.value) == ("NotImplemented", 501, 0)


def refusal(error):
    metadata = error.response["ResponseMetadata"]
    return error.response["Error"]["Code"], metadata["HTTPStatusCode"], metadata["RetryAttempts"]


@pytest.fixture(scope="module")
def log_group(client):
    """2,500 lines, a millisecond apart, every thousandth of them marked."""
    logs, first = client("logs", "eu-west-1"), int(time.time() * 1000) - 10_000
    logs.create_log_group(logGroupName="paged")
    logs.create_log_stream(logGroupName="paged", logStreamName="one")
    events = [{"timestamp": first + n, "message": f"line {n}" + " marked" * (n % 1000 == 0)} for n in range(2500)]
    logs.put_log_events(logGroupName="paged", logStreamName="one", logEvents=events)
    return "paged", first


def test_pages_of_log_events_hold_every_line_once(client, log_group):
    """Following the tokens gives every line in order."""
    pages = client("logs", "eu-west-1").get_paginator("filter_log_events").paginate(logGroupName=log_group[0])

    messages = [event["message"].split()[1] for page in pages for event in page["events"]]

    assert messages == [str(number) for number in range(2500)]


def test_empty_page_can_have_a_successor(client, log_group):
    """As in AWS: only the missing token ends the pages, not an empty one."""
    logs = client("logs", "eu-west-1")
    first = logs.filter_log_events(logGroupName=log_group[0], filterPattern="line -marked nothing")

    assert first["events"] == []
    assert first["nextToken"]


def test_time_range_of_log_events_includes_both_ends(client, log_group):
    """Two neighbouring milliseconds hold two lines."""
    name, first = log_group
    window = {"startTime": first + 5, "endTime": first + 6}

    events = client("logs", "eu-west-1").filter_log_events(logGroupName=name, **window)["events"]

    assert [event["message"] for event in events] == ["line 5", "line 6"]


def test_limit_of_log_events_counts_matches(client, log_group):
    """A page ends after as many matches, and says where to go on."""
    answer = client("logs", "eu-west-1").filter_log_events(logGroupName=log_group[0], filterPattern="line", limit=3)

    assert len(answer["events"]) == 3
    assert answer["nextToken"]


@pytest.mark.parametrize("params", [{"limit": 10_001}, {"nextToken": "made up"}])
def test_wrong_parameters_of_log_events_are_refused(client, log_group, params):
    """With AWS's own code."""
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client("logs", "eu-west-1").filter_log_events(logGroupName=log_group[0], **params)


def test_unknown_log_group_is_absent(client):
    """Not an empty answer."""
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client("logs", "eu-west-1").filter_log_events(logGroupName="nowhere")


NAMED = [f"/aws/lambda/bg-remover-local-{name}" for name in ("embeddings", "health")]


def test_log_groups_are_described_by_name(client):
    """Only the named ones, in one page; one that does not exist is left out."""
    logs = client("logs", "eu-west-1")

    answer = logs.describe_log_groups(logGroupIdentifiers=[*NAMED, "/aws/lambda/bg-remover"])

    assert [group["logGroupName"] for group in answer["logGroups"]] == NAMED
    assert answer["logGroups"][0]["arn"].split(":")[3:5] == ["eu-west-1", "123456789012"]
    assert "nextToken" not in answer
    assert logs.describe_log_groups(logGroupIdentifiers=["nothing"])["logGroups"] == []


def test_log_groups_are_described_by_prefix_as_ever(client):
    """Without names moto answers."""
    groups = client("logs", "eu-west-1").describe_log_groups(logGroupNamePrefix="/aws/lambda/bg-remover-local-e")

    assert [group["logGroupName"] for group in groups["logGroups"]] == [NAMED[0]]


@pytest.mark.parametrize(
    "params",
    [{"logGroupIdentifiers": [f"group{n}" for n in range(51)]}, {"logGroupIdentifiers": NAMED, "limit": 2}],
    ids=["too many", "another filter"],
)
def test_names_of_log_groups_are_the_only_filter_and_at_most_fifty(client, params):
    """With AWS's own code."""
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client("logs", "eu-west-1").describe_log_groups(**params)


@pytest.fixture(scope="module")
def metric(client):
    """The values 1 to 4, one a minute; others have the same name and other dimensions, or another namespace."""
    cloudwatch = client("cloudwatch", "eu-west-1")
    own = {"MetricName": "Load", "Dimensions": [{"Name": "Part", "Value": "a"}]}
    points = [{**own, "Value": n + 1, "Timestamp": NOW - (10 - n) * MINUTE, "Unit": "Count"} for n in range(4)]
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=points)
    other = {"MetricName": "Load", "Value": 1000, "Timestamp": NOW - 10 * MINUTE}
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[other])
    cloudwatch.put_metric_data(Namespace="Elsewhere", MetricData=[{**other, "Dimensions": own["Dimensions"]}])
    return {"Namespace": "Tests", **own}


def data(client, metric, stat, period=60, start=NOW - 10 * MINUTE, end=NOW, **options):
    query = {"Id": "one", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
    answer = client("cloudwatch", "eu-west-1").get_metric_data(
        MetricDataQueries=[query], StartTime=start, EndTime=end, **options
    )
    return answer["MetricDataResults"][0]


@pytest.mark.parametrize(
    ("stat", "value"), [("Sum", 10), ("Average", 2.5), ("Minimum", 1), ("Maximum", 4), ("SampleCount", 4)]
)
def test_plain_statistics_over_the_whole_window(client, metric, stat, value):
    """Only points of exactly this metric count."""
    result = data(client, metric, stat, 600)

    assert (result["Values"], result["Timestamps"]) == ([value], [NOW - 10 * MINUTE])
    assert (result["StatusCode"], result["Label"]) == ("Complete", "Load")


def test_metric_data_is_newest_first_unless_asked_otherwise(client, metric):
    """AWS's default order is descending."""
    assert data(client, metric, "Sum")["Values"] == [4, 3, 2, 1]
    assert data(client, metric, "Sum", ScanBy="TimestampAscending")["Values"] == [1, 2, 3, 4]


def test_end_of_metric_data_is_exclusive(client, metric):
    """The point at the end is not part of the answer, the one at the start is."""
    assert data(client, metric, "Sum", start=NOW - 10 * MINUTE, end=NOW - 8 * MINUTE)["Values"] == [2, 1]


def test_metric_without_points_is_an_empty_series(client):
    """Complete and empty, as in AWS."""
    result = data(client, {"Namespace": "Tests", "MetricName": "Nothing"}, "Sum")

    assert (result["Values"], result["StatusCode"]) == ([], "Complete")


@pytest.mark.parametrize(
    ("stat", "value"), [("p0", 1), ("p50", 2.5), ("p90", 3.7), ("p95", 3.85), ("p99.9", 3.997), ("p100", 4)]
)
def test_percentiles_over_the_whole_window(client, metric, stat, value):
    """Interpolated linearly between the two nearest ranks of the period's values."""
    assert data(client, metric, stat, 600)["Values"] == [pytest.approx(value)]


def test_percentile_of_a_single_value_is_that_value(client, metric):
    """One value a minute."""
    assert data(client, metric, "p95")["Values"] == [4, 3, 2, 1]


@given(values=st.lists(st.floats(0, 1e9), min_size=1, max_size=30), percent=st.integers(0, 100))
def test_percentile_lies_between_the_values_and_never_falls_with_the_rank(values, percent):
    """Law: p0 is the least, p100 the greatest, and a higher percentile is no smaller."""
    points = [Point(NOW, 1, value, value, value) for value in values]
    one, next_one = percentile(percent, points), percentile(min(percent + 1, 100), points)

    assert min(values) <= one <= max(values)
    assert one <= next_one or one == pytest.approx(next_one)


def test_percentile_of_a_statistic_set_counts_its_equal_values():
    """CloudWatch can tell the values of a set only where its least is its greatest."""
    sets = [Point(NOW, 3, 30, 10, 10), Point(NOW, 1, 50, 50, 50)]

    assert percentile(50, sets) == 10
    with pytest.raises(NotAvailableError, match="statistic sets"):
        percentile(50, [Point(NOW, 2, 30, 10, 20)])


def test_five_hundred_queries_are_one_call(client, metric):
    """As many as AWS takes, each answered by its own series."""
    dimension = metric["Dimensions"][0]
    metrics = [{**metric, "Dimensions": [{**dimension, "Value": value}]} for value in ("a", *map(str, range(499)))]
    queries = [
        {"Id": f"q{number}", "MetricStat": {"Metric": one, "Period": 600, "Stat": "Sum"}}
        for number, one in enumerate(metrics)
    ]
    window = {"StartTime": NOW - 10 * MINUTE, "EndTime": NOW}
    cloudwatch = client("cloudwatch", "eu-west-1")

    results = cloudwatch.get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"]

    assert [one["Values"] for one in results] == [[10], *[[]] * 499]
    with pytest.raises(ClientError, match="501 queries"):
        cloudwatch.get_metric_data(MetricDataQueries=[*queries, {**queries[0], "Id": "more"}], **window)


@pytest.mark.parametrize("stat", ["p101", "P95", "p", "tm99", "IQM", "PR(10:100)"])
def test_other_statistics_are_refused(client, metric, stat):
    """Trimmed means and their like are not worked out here, so they are not made up either."""
    with pytest.raises(ClientError) as caught:
        data(client, metric, stat)

    assert refusal(caught.value) == ("NotImplemented", 501, 0)


def test_metric_maths_is_refused(client):
    """An expression is no plain statistic."""
    with pytest.raises(ClientError) as caught:
        client("cloudwatch", "eu-west-1").get_metric_data(
            MetricDataQueries=[{"Id": "e", "Expression": "1 + 1"}], StartTime=NOW - MINUTE, EndTime=NOW
        )

    assert refusal(caught.value) == ("NotImplemented", 501, 0)


def test_window_that_ends_before_it_starts_is_refused(client, metric):
    """With AWS's own code."""
    with pytest.raises(ClientError, match="ValidationError"):
        data(client, metric, "Sum", start=NOW, end=NOW - MINUTE)


@pytest.mark.parametrize(
    ("service", "method", "params"),
    [
        (
            "iam",
            "simulate_principal_policy",
            {"PolicySourceArn": "arn:aws:iam::123456789012:user/u", "ActionNames": ["a:B"]},
        ),
        ("backup", "list_recovery_points_by_resource", {"ResourceArn": "arn:aws:backup:::x"}),
        ("bedrock-runtime", "converse", {"modelId": "m"}),
        ("support-app", "list_slack_channel_configurations", {}),
        ("cloudwatch", "describe_alarm_history", {}),
    ],
)
def test_what_moto_does_not_have_is_a_clear_refusal(client, service, method, params):
    """HTTP 501 with AWS's shape of an error, never retried, never a page of HTML."""
    with pytest.raises(ClientError) as caught:
        getattr(client(service, "us-east-1"), method)(**params)

    assert refusal(caught.value) == ("NotImplemented", 501, 0)
    assert "embedded cloud" in caught.value.response["Error"]["Message"]


def test_stacks_are_found_by_name_and_id_in_their_region(client):
    """Elsewhere, and under another name, there is none."""
    stacks = client("cloudformation", "eu-west-1")
    stack = stacks.describe_stacks(StackName="bg-remover-local")["Stacks"][0]

    assert stacks.describe_stacks(StackName=stack["StackId"])["Stacks"] == [stack]
    assert {one["StackName"] for one in stacks.describe_stacks()["Stacks"]} >= {"bg-remover-local", "zae-limiter-local"}
    for region, name in (("us-east-1", "bg-remover-local"), ("eu-west-1", "nothing")):
        with pytest.raises(ClientError, match="does not exist"):
            client("cloudformation", region).describe_stacks(StackName=name)


def test_any_tool_can_write_and_read(client):
    """Beyond what the suite reads, moto is there as it is."""
    s3 = client("s3", "eu-west-1")
    s3.put_object(Bucket="carousel-labs-analytics-local", Key="a/b c", Body=b"x" * 100_000, Metadata={"my_key": "v"})

    got = s3.get_object(Bucket="carousel-labs-analytics-local", Key="a/b c")

    assert (got["Body"].read(), got["Metadata"]) == (b"x" * 100_000, {"my_key": "v"})
    assert s3.head_object(Bucket="carousel-labs-analytics-local", Key="a/b c")["ContentLength"] == 100_000
    s3.delete_object(Bucket="carousel-labs-analytics-local", Key="a/b c")
