"""A network that misbehaves: what was not seen is unknown, for the right reason, and the run ends in time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from tests.cli.test_command_line import with_ctrl_c
from tests.conftest import ROOT, offline_environment
from tests.observer import chaos
from tests.observer.chaos import PREFLIGHT, Asked, Chaos, Fault, Turn, head, once, refused, throttled, truly
from tests.observer.conftest import Through

MARGIN_SECONDS = 45
"""For starting, collecting and reporting on a machine that is busy."""

FAILED = {"failed"}
LATE = {"refused"}
FAULTS: dict[str, tuple[Fault, set[str]]] = {
    "throttled": (throttled, {"throttled"} | LATE),
    "internal error": (refused("InternalFailure", 500), FAILED),
    "unavailable": (refused("ServiceUnavailable", 503), FAILED),
    "reset": (chaos.reset, FAILED),
    "hanging": (chaos.hanging, LATE),
    "dripping": (chaos.dripping, LATE),
    "cut short": (chaos.cut_short, FAILED),
    "malformed": (chaos.malformed, FAILED),
    "of the wrong type": (chaos.wrong_type, FAILED),
    "fields of the wrong type": (chaos.wrong_fields, FAILED),
    "a page for people": (chaos.gateway_page, FAILED),
    "empty": (chaos.empty, FAILED),
    "nothing in it": (chaos.nothing_in_it, FAILED),
    "of another service": (chaos.of_another, FAILED),
    "redirected": (chaos.redirected, FAILED),
}
"""Each with the states that a fact can be in then."""

CONCURRENCY = "lambda.GetFunctionConcurrency"
"""An answer without a field is the true one where nothing is reserved, and any number is one, too."""
TRUE_FOR_CONCURRENCY = ("nothing in it", "fields of the wrong type")

BODILESS = "s3.HeadBucket"
"""An answer without a body says by its status alone what went wrong: slow down and unavailable look the same."""


def is_for_aws(asked: Asked) -> bool:
    """Whether it is no health endpoint: what those answer, or that they do not, is what is judged."""
    return asked.service != "http"


def state_of(reason: str) -> str:
    return reason.partition(":")[0]


@pytest.mark.parametrize(
    ("name", "workers"),
    [(name, "-n0") for name in FAULTS] + [("hanging", "-n2"), ("malformed", "-n2")],
)
def test_no_check_passes_on_answers_that_never_came(through: Through, name: str, workers: str) -> None:
    """Everything goes wrong: exit code 6, every check of AWS unknown for its kind of reason, and an end in time."""
    fault, states = FAULTS[name]
    ceiling = ("--deadline=6",) if states >= LATE else ()
    seen = through(lambda asked: fault if is_for_aws(asked) else None, workers, *ceiling)
    assert seen.ran.code == 6, seen.ran.output
    assert seen.seconds < 6 + MARGIN_SECONDS
    assert "Traceback" not in seen.ran.output
    true = {"http.GET"} | ({CONCURRENCY} if name in TRUE_FOR_CONCURRENCY else set())
    for id_, check in seen.checks.items():
        if seen.operations(id_) and seen.operations(id_) <= true:
            continue
        assert check["outcome"] == "unknown", (id_, check)
        also = FAILED if BODILESS in seen.operations(id_) else set()
        assert state_of(check["reason"]) in states | also, (id_, check["reason"])
    assert len(seen.of("unknown")) > 200


def calls_that(share: int, of: int) -> Callable[[str], str | None]:
    """For a part of all operations a fault each, always the same for the same."""
    names = sorted(FAULTS)

    def fault_for(operation: str) -> str | None:
        number = crc32(operation.encode())
        if number % of != share or operation in ("http.GET", PREFLIGHT):
            return None
        name = names[number // of % len(names)]
        return "malformed" if operation == CONCURRENCY and name in TRUE_FOR_CONCURRENCY else name

    return fault_for


@pytest.mark.parametrize("share", range(3))
def test_single_operations_go_wrong_for_their_own_checks_alone(through: Through, share: int) -> None:
    """A third of the operations, each with a fault of its own: their checks are unknown, all the others pass."""
    fault_for = calls_that(share, 3)

    def fault(asked: Asked) -> Fault | None:
        name = fault_for(asked.name)
        return FAULTS[name][0] if name else None

    seen = through(fault, "--deadline=9", "-n2" if share == 0 else "-n0")
    assert set(seen.ran.outcomes().values()) == {"passed", "unknown"}
    assert seen.ran.code == 6
    seen.require_that_passed_means_seen()
    for id_, check in seen.checks.items():
        wrong = {name for operation in seen.operations(id_) if (name := fault_for(operation))}
        assert check["outcome"] == ("unknown" if wrong else "passed"), (id_, wrong, check)
        if wrong:
            also = LATE | (FAILED if BODILESS in seen.operations(id_) else set())
            assert state_of(check["reason"]) in set.union(also, *(FAULTS[name][1] for name in wrong)), check


def test_a_storm_lets_nothing_pass_unseen(through: Through) -> None:
    """Every other request goes wrong somehow, by its position alone: only what was answered can pass."""
    names, count, lock = [name for name in FAULTS if name != "hanging"], Counter[str](), threading.Lock()

    def fault(asked: Asked) -> Fault | None:
        with lock:
            count["all"] += 1
            number = crc32(str(count["all"]).encode())
        if number % 2 or not is_for_aws(asked) or asked.name == CONCURRENCY:
            return None
        return FAULTS[names[number // 2 % len(names)]][0]

    seen = through(fault, "--deadline=8")
    assert set(seen.ran.outcomes().values()) == {"passed", "unknown"}
    assert seen.ran.code == 6
    seen.require_that_passed_means_seen()
    assert seen.seconds < 8 + MARGIN_SECONDS


PAGED = {
    "cloudwatch.DescribeAlarms": "NextToken",
    "cloudwatch.GetMetricData": "NextToken",
    "events.ListTargetsByRule": "NextToken",
    "lambda.ListEventSourceMappings": "NextMarker",
    "logs.DescribeLogGroups": "nextToken",
    "logs.FilterLogEvents": "nextToken",
    "apigateway.GetRestApis": "position",
}
XML_PAGED = {
    "cloudformation.DescribeStacks": (b"</DescribeStacksResult>", b"<NextToken>more-there</NextToken>"),
    "sns.ListSubscriptionsByTopic": (b"</ListSubscriptionsByTopicResult>", b"<NextToken>more-there</NextToken>"),
}


def says_more(turn: Turn) -> None:
    """The true answer, and that there is another page."""
    status, headers, body = turn.forward()
    if turn.asked.name in PAGED:
        body = json.dumps({**json.loads(body), PAGED[turn.asked.name]: "more-there"}).encode()
    elif turn.asked.name in XML_PAGED:
        end, more = XML_PAGED[turn.asked.name]
        body = body.replace(end, more + end)
    else:
        end = b"</ListHealthChecksResponse>"
        body = body.replace(end, b"<IsTruncated>true</IsTruncated>" + end)
    turn.asked.is_true = True
    turn.send(head(status, {**headers, "Content-Length": str(len(body))}) + body)


@pytest.mark.parametrize("after", ["unavailable", "the same again"])
def test_a_list_that_breaks_off_is_not_a_short_list(through: Through, after: str) -> None:
    """Its first page came, and the next did not: nobody knows what is on it."""

    def fault(asked: Asked) -> Fault | None:
        if asked.name not in (*PAGED, *XML_PAGED, "route53.ListHealthChecks"):
            return None
        if "more-there" not in asked.text or after == "the same again":
            return says_more
        return FAULTS[after][0]

    seen = through(fault)
    assert seen.ran.code == 6, seen.ran.output
    paged = {*PAGED, *XML_PAGED, "route53.ListHealthChecks"}
    for id_, check in seen.checks.items():
        # Where one line is enough, nobody asks for the page after the one with the line.
        cut = {fact for fact in seen.facts[id_] if "test_activity" not in id_ or not fact.endswith("|1")}
        is_cut = any(fact.split("|")[2:4] == name.split(".") for fact in cut for name in paged)
        assert check["outcome"] == ("unknown" if is_cut else "passed"), (id_, check)
    assert {name for id_ in seen.of("unknown") for name in seen.operations(id_)} >= paged


def test_faults_that_pass_are_retried(through: Through) -> None:
    """The first answer to every request is none, the second one is true: GO, and every attempt is accounted for."""
    kinds = [throttled, refused("InternalFailure", 500), chaos.reset, refused("ServiceUnavailable", 503)]
    first = once(truly)

    def fault(asked: Asked) -> Fault | None:
        number = crc32(asked.text.encode())
        return kinds[number % len(kinds)] if is_for_aws(asked) and first(asked) is not None else None

    seen = through(fault)
    assert seen.ran.code == 0, seen.ran.output
    assert set(seen.ran.outcomes().values()) == {"passed"}
    seen.require_that_passed_means_seen()
    own, sent = Counter(seen.ran.report["own_cost"]["calls"]), seen.chaos.calls()
    assert {**own, PREFLIGHT: 0} == {**sent, PREFLIGHT: 0}
    assert sent.total() > 150


def at_most_a_second(count: int) -> Callable[[Asked], Fault | None]:
    """A service that answers so many requests in any second, and throttles the rest."""
    answered: defaultdict[str, list[float]] = defaultdict(list)
    lock = threading.Lock()

    def fault(asked: Asked) -> Fault | None:
        if not is_for_aws(asked) or asked.name == BODILESS:
            return None
        with lock:
            recent = [at for at in answered[asked.service] if at > time.monotonic() - 1]
            if len(recent) >= count:
                return throttled
            answered[asked.service] = [*recent, time.monotonic()]
            return None

    return fault


def at_once(count: int) -> Callable[[Asked], Fault | None]:
    """A service that answers so many requests at the same time, taking its time, and throttles the rest."""
    busy: Counter[str] = Counter()
    lock = threading.Lock()

    def slowly(turn: Turn) -> None:
        try:
            turn.closing.wait(0.1)
            truly(turn)
        finally:
            with lock:
                busy[turn.asked.service] -= 1

    def fault(asked: Asked) -> Fault | None:
        if not is_for_aws(asked) or asked.name == BODILESS:
            return None
        with lock:
            if busy[asked.service] >= count:
                return throttled
            busy[asked.service] += 1
            return slowly

    return fault


@pytest.mark.parametrize("limit", [at_most_a_second(5), at_once(2)], ids=["5 a second", "2 at once"])
def test_who_is_asked_too_fast_is_asked_more_slowly(through: Through, limit: Callable[[Asked], Fault | None]) -> None:
    """Dozens of requests go out at once, most are throttled, and in the end all are answered: GO."""
    seen = through(limit)
    assert seen.ran.code == 0, seen.ran.output
    seen.require_that_passed_means_seen()
    assert sum(not asked.is_true for asked in seen.chaos.asked) > 10


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_deadline_that_is_over_sends_nothing(through: Through, workers: str) -> None:
    """Not even whose credentials they are is asked; everything is unknown for the deadline."""
    seen = through(lambda _: None, "--deadline=0", workers)
    assert seen.ran.code == 6, seen.ran.output
    assert seen.chaos.asked == []
    assert set(seen.ran.outcomes().values()) == {"unknown"}
    assert {state_of(check["reason"]) for check in seen.checks.values()} == {"refused"}
    assert all("--deadline=0 was reached" in check["reason"] for check in seen.checks.values())


def test_what_came_before_the_deadline_is_judged(through: Through) -> None:
    """One service hangs: its checks are unknown because of the deadline, and all the others pass."""
    seen = through(lambda asked: chaos.hanging if asked.service == "lambda" else None, "--deadline=8")
    assert seen.ran.code == 6, seen.ran.output
    seen.require_that_passed_means_seen()
    for id_, check in seen.checks.items():
        is_hanging = any(operation.startswith("lambda.") for operation in seen.operations(id_))
        assert check["outcome"] == ("unknown" if is_hanging else "passed"), (id_, check)
        assert not is_hanging or "--deadline=8 was reached" in check["reason"]


HEALTH = ("-k", "health_endpoint")


def test_an_endpoint_that_breaks_off_is_down_for_its_callers(through: Through) -> None:
    """That it answers is the claim: failed, P1, and it explains everything else about the endpoint."""
    seen = through(lambda asked: None if is_for_aws(asked) else chaos.reset, *HEALTH)
    assert seen.ran.code == 1, seen.ran.output
    failed = seen.of("failed")
    assert {seen.checks[id_]["severity"] for id_ in failed} == {"P1"}
    assert all("test_health_endpoint_answers[" in id_ for id_ in failed)
    assert len(seen.of("inhibited")) == len(seen.checks) - len(failed)


@pytest.mark.parametrize("fault", [chaos.hanging, chaos.dripping], ids=["hanging", "dripping"])
def test_an_endpoint_that_nobody_could_wait_for_is_unknown(through: Through, fault: Fault) -> None:
    """The deadline comes before it is known whether it answers."""
    seen = through(lambda asked: None if is_for_aws(asked) else fault, *HEALTH, "--deadline=5")
    assert seen.ran.code == 6, seen.ran.output
    assert set(seen.ran.outcomes().values()) == {"unknown"}
    assert seen.seconds < 6 + MARGIN_SECONDS


def test_an_endpoint_that_says_nothing_readable_is_not_healthy(through: Through) -> None:
    """It answers with 200, in time, and nobody knows whether it is well."""
    seen = through(lambda asked: None if is_for_aws(asked) else chaos.malformed, *HEALTH)
    assert seen.ran.code == 6, seen.ran.output
    assert seen.of("unknown")
    assert all("reports_healthy" in id_ for id_ in seen.of("unknown"))
    assert all("reports_healthy" not in id_ for id_ in seen.of("passed"))


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_ctrl_c_ends_a_run_that_waits(cloud: str, tmp_path: Path, workers: str) -> None:
    """While nothing answers: exit code 2, and every report is written."""
    with Chaos(cloud, lambda _: chaos.hanging) as network:
        command = [sys.executable, "-m", "pytest", "checks", "--stage=local", f"--endpoint-url={network.url}", workers]
        process = subprocess.Popen(
            [*command, f"--report-dir={tmp_path}", "-p", "no:cacheprovider"],
            cwd=ROOT,
            env=offline_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=with_ctrl_c,
        )
        try:
            ends = time.monotonic() + MARGIN_SECONDS
            while len(network.asked) < 40 and time.monotonic() < ends:
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)
            output, _ = process.communicate(timeout=MARGIN_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 2, output
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["verdict"], report["exit_code"]) == ("UNKNOWN", 2)
    assert {check["outcome"] for check in report["checks"]} == {"unknown"}
    assert {path.name for path in tmp_path.iterdir()} == {"junit.xml", "report.html", "report.json", "summary.md"}
