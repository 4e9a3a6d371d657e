"""The plan: what the checks will read is found before they run, asked once, and the most urgent first."""

from __future__ import annotations

import os
import re
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.aws.health import HealthReader
from fixtures.aws.request import AwsRequest
from fixtures.catalogue import Declared, load_catalogue
from fixtures.observations import Observation, State, Usage
from fixtures.observer import Observer
from fixtures.observer.lanes import WIDTH
from fixtures.observer.plan import Foresight, Plan, Wanted, attributes_read
from tests.cli.test_command_line import CREDENTIALS
from tests.conftest import ROOT, Project
from tests.observer.chaos import Asked, Chaos, Fault
from tests.observer.conftest import Through

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SOON = 20.0


class Thing:
    """A noun."""

    helper_read = property(lambda self: 0)
    nested_read = property(lambda self: 0)
    plain_read = property(lambda self: 0)
    unread = property(lambda self: 0)

    def method(self) -> int:
        return 0


def helper(thing: Thing) -> int:
    return deeper(thing) + thing.helper_read  # type: ignore[no-any-return]


def deeper(thing: Thing) -> int:
    return sum(one.nested_read for one in [thing]) if thing else helper(thing)


def test_a_check_says_what_it_reads_in_its_own_code() -> None:
    """In itself, in functions of its file that it calls, however deep and in circles, and in what is nested in them."""

    def check(thing: Thing) -> None:
        thing.method()
        assert thing.plain_read == helper(thing)

    class Checks:
        def check(self, thing: Thing) -> None:
            assert [thing.plain_read for _ in range(2)]

    assert set(attributes_read(check, Thing)) == {"plain_read", "helper_read", "nested_read"}
    assert set(attributes_read(Checks().check, Thing)) == {"plain_read"}
    assert set(attributes_read(len, Thing)) == set()


AFTER_PLAN = """
import threading
import urllib.request

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session):
    (plan,) = [thread for thread in threading.enumerate() if thread.name == "observation-plan"]
    plan.join()
    urllib.request.urlopen(session.config.option.endpoint_url + "/the-plan-is-done").close()
"""


def test_the_plan_is_what_the_checks_read(through: Through, tmp_path: Path) -> None:
    """All of it, so that nothing is asked once checks run; and nothing else, so that nothing is asked in vain."""
    (tmp_path / "after_plan.py").write_text(AFTER_PLAN)

    def noted(asked: Asked) -> Fault | None:
        return (lambda turn: turn.reply(200, b"")) if asked.path == "/the-plan-is-done" else None

    seen = through(noted, "-p", "after_plan", env={"PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"})
    assert seen.ran.code == 0, seen.ran.output
    paths = [asked.path for asked in seen.chaos.asked]
    assert paths.index("/the-plan-is-done") == len(paths) - 1 > 90
    read = {fact for facts in seen.facts.values() for fact in facts}
    asked = [line for line in seen.evidence.read_text().splitlines() if line.startswith('{"fact"')]
    assert len(asked) == len(read) > 100


PLANNED = '''
import time


def state_of(function):
    """A helper."""
    return function.state


@pytest.mark.severity("P3")
@pytest.mark.runbook("#functions")
class TestFunctions:
    """Checks in a class."""

    @pytest.mark.parametrize("status", ["Successful", "InProgress"])
    def test_in_a_class(self, function, status):
        """Nothing to see."""
        assert function.last_update_status != "Failed" or status, f"{function}: {status}, expected another"


@pytest.mark.severity("P3")
@pytest.mark.runbook("#functions")
def test_through_a_helper(function):
    """Nothing to see."""
    assert state_of(function) == "Active", f"{function}: not, expected Active"


@pytest.mark.severity("P1")
@pytest.mark.runbook("#tables")
def test_that_never_looks(table):
    """Nothing is asked while checks run: this one keeps the last answer from being waited for."""
    assert time.sleep(0) or table.name, f"{table}: nothing, expected a name"


@pytest.mark.severity("P3")
@pytest.mark.runbook("#functions")
def test_unplanned(function):
    """What is read past its nouns' attributes is asked for when the check runs."""
    answer = function._ask("lambda", "GetFunctionConcurrency", FunctionName=function.name)
    assert answer.get("ReservedConcurrentExecutions") != 0, f"{function}: 0, expected another"


@pytest.mark.severity("P3")
@pytest.mark.runbook("#functions")
def test_unplanned_metrics(function):
    """Two queries in one request, as nobody else asks."""
    stat = {"Metric": {"Namespace": "AWS/Lambda", "MetricName": "Errors", "Dimensions": [
        {"Name": "FunctionName", "Value": function.name}]}, "Period": 60, "Stat": "Sum"}
    queries = [{"Id": "a", "MetricStat": stat}, {"Id": "b", "MetricStat": stat}]
    answer = function._ask("cloudwatch", "GetMetricData", StartTime="2026-01-01T00:00:00+00:00",
                           EndTime="2026-01-01T01:00:00+00:00", MetricDataQueries=queries)
    assert len(answer["MetricDataResults"]) == 2, f"{function}: other results, expected two"
'''


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_what_checks_of_ones_own_read_is_asked_once(project: Project, workers: str) -> None:
    """In a helper, in a class, parametrised, and past the nouns, also in requests of forms that share no call."""
    project.check(PLANNED)
    with Chaos(project.cloud) as network:
        ran = project.run_in("checks", "--stage=local", f"--endpoint-url={network.url}", workers, cwd=project.path)
    assert ran.code == 0, ran.output
    functions = [check["resource"] for check in ran.report["checks"] if "helper" in check["id"]]
    calls = network.calls()
    assert calls == Counter(
        {
            "lambda.GetFunctionConfiguration": len(functions),
            "lambda.GetFunctionConcurrency": len(functions),
            "cloudwatch.GetMetricData": len(functions),
        }
    )


NEVER_RUN = '''
from pathlib import Path


@pytest.mark.severity("P2")
@pytest.mark.runbook("#functions")
def test_counted(function):
    """Leaves a mark each time that it runs."""
    with Path("ran.txt").open("a") as file:
        file.write(function.name + "\\n")
    assert function.state == "Active", f"{function}: not, expected Active"
'''


def test_no_check_is_run_to_find_out_what_it_reads(project: Project) -> None:
    """Each runs once, and what it reads was on its way before."""
    project.check(NEVER_RUN)
    ran = project.run()
    assert ran.code == 0, ran.output
    names = (project.path / "ran.txt").read_text().split()
    assert sorted(names) == sorted(check["resource"] for check in ran.report["checks"])


ALARMS = '''
@pytest.mark.severity("P2")
@pytest.mark.runbook("#alarms")
def test_own(alarm):
    """It is there or it is not."""
    assert alarm.exists in (True, False), f"{alarm}: neither, expected either"
'''


class OneAtATime:
    """A cloud whose first answer waits for a gate, and which notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()

    def read(self, request: AwsRequest) -> tuple[Observation, Usage]:
        self.asked.append(request.parsed["Name"])
        assert self.gate.wait(SOON)
        return Observation(State.VALUE, {"Next": request.parsed["Name"] + "'"}), Usage()


class Chain:
    """A noun whose second attribute needs the answer to the first."""

    def __init__(self, name: str, source: Foresight) -> None:
        self._name = name
        self._source = source

    @property
    def first(self) -> str:
        return self._ask(self._name)

    @property
    def second(self) -> str:
        return self._ask(self._ask(self._name))

    @property
    def broken(self) -> str:
        raise RuntimeError(self.first)

    def _ask(self, name: str) -> str:
        request = AwsRequest.of("local", "eu-west-1", "events", "DescribeRule", {"Name": name})
        said: str = self._source.observe(request).get(name)["Next"]
        return said


def test_the_plan_follows_answers_to_what_they_lead_to() -> None:
    """Without waiting for one before it asks for the others, each request once, and past an attribute that breaks."""
    cloud = OneAtATime()
    observer = Observer(cloud, HealthReader(), lambda: NOW)  # type: ignore[arg-type]
    declared = {one.key: one for one in load_catalogue(ROOT).declared(["local"])[:5]}
    wanted = [Wanted(key, attribute, 1) for attribute in ("broken", "second", "first") for key in declared]

    def make(one: Declared, source: Foresight) -> Chain:
        return Chain(one.key, source)

    plan = Plan(observer, wanted, declared, make)
    plan.start()
    cloud.gate.set()
    plan.wait()
    assert sorted(cloud.asked) == sorted([*declared, *(f"{key}'" for key in declared)])
    assert not observer.gathers


def test_the_most_urgent_facts_are_asked_first() -> None:
    """Whatever the order of the checks, once more is wanted than a service is asked at once."""
    cloud = OneAtATime()
    observer = Observer(cloud, HealthReader(), lambda: NOW)  # type: ignore[arg-type]
    declared = {one.key: one for one in load_catalogue(ROOT).declared(["dev", "prod"])[:200]}
    urgent = set(list(declared)[1::2])
    wanted = [Wanted(key, "first", 1 if key in urgent else 4) for key in declared]
    plan = Plan(observer, wanted, declared, lambda one, source: Chain(one.key, source))
    plan.start()
    cloud.gate.set()
    plan.wait()
    # So many are on their way at the same time, and may overtake one another.
    first = cloud.asked[: len(urgent) - int(WIDTH)]
    assert len(first) > 50
    assert set(first) <= urgent
    assert sorted(cloud.asked) == sorted(declared)


def test_stages_of_one_account_share_its_facts(project: Project) -> None:
    """Two stages, one account: what is asked of a whole region goes out once, and both are judged by it."""
    stages = project.path / "services" / "stages.yaml"
    text = re.sub(r'(?m)^(  (?:dev|sit):\n    account: )"\d+"', r'\1"123456789012"', stages.read_text())
    stages.write_text(text)
    project.check(ALARMS)
    with Chaos(project.cloud) as network:
        arguments = ("--stage=dev", "--stage=sit", f"--endpoint-url={network.url}")
        ran = project.run_in("checks", *arguments, cwd=project.path, env=CREDENTIALS)
    assert ran.code == 0, ran.output
    regions = {stage: _regions_of_alarms(stage) for stage in ("dev", "sit")}
    assert {check["stage"] for check in ran.report["checks"]} == {"dev", "sit"}
    assert regions["dev"] & regions["sit"]
    asked = [one.region for one in network.asked if one.name == "cloudwatch.DescribeAlarms"]
    assert sorted(asked) == sorted(regions["dev"] | regions["sit"])


def _regions_of_alarms(stage: str) -> set[str]:
    return {one.region for one in load_catalogue(ROOT).declared([stage]) if one.kind == "alarm"}
