"""Workers share the controller's observer: the same calls, the same purse, and nobody else in between."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from types import FrameType
from typing import Any

import pytest

from fixtures.aws.health import HealthReader
from fixtures.aws.purse import Ceiling
from fixtures.aws.request import AwsRequest
from fixtures.observations import Observation, State, Unobserved, Usage
from fixtures.observer import Observer
from fixtures.observer.sharing import Server, SharedObserver
from tests.conftest import Project
from tests.observer.chaos import PREFLIGHT
from tests.observer.conftest import Through

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SOON = 20.0


def request(name: str) -> AwsRequest:
    return AwsRequest.of("local", "eu-west-1", "sqs", "GetQueueAttributes", {"QueueUrl": name})


class Cloud:
    """Answers with what it was asked for, once its gate is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[str] = []

    def read(self, request: AwsRequest) -> tuple[Observation, Usage]:
        name = request.parsed["QueueUrl"]
        self.asked.append(name)
        assert self.gate.wait(SOON)
        return Observation(State.VALUE, name), Usage()


@contextmanager
def serving(cloud: Cloud, purse: Ceiling | None = None) -> Iterator[Server]:
    """A controller."""
    observer = Observer(cloud, HealthReader(), lambda: NOW)  # type: ignore[arg-type]
    server = Server(observer, purse or Ceiling(), lambda _: None)
    yield server
    server.close()


def worker(server: Server) -> SharedObserver:
    return SharedObserver(server.address, server.key, server.instant)


def test_workers_make_the_same_calls_as_one_process(through: Through) -> None:
    """With four of them: every fact is asked for once, and the answers are the same."""
    alone, shared = through(lambda _: None), through(lambda _: None, "-n4")
    assert alone.ran.code == shared.ran.code == 0, shared.ran.output
    assert alone.ran.outcomes() == shared.ran.outcomes()
    assert alone.chaos.calls() == shared.chaos.calls()
    own = [Counter(seen.ran.report["own_cost"]["calls"]) for seen in (alone, shared)]
    for calls in own:
        calls.pop(PREFLIGHT)
    assert own[0] == own[1]
    assert alone.ran.report["own_cost"]["usd"] == shared.ran.report["own_cost"]["usd"]
    assert alone.ran.report["coverage"] == shared.ran.report["coverage"]


OWN_CLIENT = '''
import boto3
import os


@pytest.mark.severity("P2")
@pytest.mark.runbook("#queues")
def test_own_client(queue, request):
    """Asks for what costs, past the observer."""
    client = boto3.client("sqs", region_name=queue.declared.region, endpoint_url=request.config.option.endpoint_url,
                          aws_access_key_id="embedded", aws_secret_access_key="embedded")
    for _ in range(5):
        assert client.get_queue_attributes(QueueUrl="https://queue/123456789012/" + queue.name,
                                           AttributeNames=["All"])["Attributes"], f"{queue}: none, expected some"
'''


def test_a_checks_own_client_pays_from_the_runs_purse(project: Project) -> None:
    """On whichever worker it runs: metered, and refused where all of them together have spent the ceiling."""
    project.check(OWN_CLIENT)
    free = project.run("-n2")
    assert free.code == 0, free.output
    calls = free.report["own_cost"]["calls"]["sqs.GetQueueAttributes"]
    assert calls == 5 * len(free.report["checks"]) > 20
    ceiling = 12.5 * 0.4e-6
    capped = project.run("-n2", f"--max-usd={ceiling}")
    assert capped.code == 6, capped.output
    assert capped.report["own_cost"]["calls"]["sqs.GetQueueAttributes"] == 12
    assert capped.report["own_cost"]["usd"] <= ceiling
    unknown = [check for check in capped.report["checks"] if check["outcome"] == "unknown"]
    assert len(unknown) >= len(capped.report["checks"]) - 2
    assert all(check["reason"].startswith("refused: --max-usd=") for check in unknown)


DIES = '''
import os


@pytest.mark.severity("P2")
@pytest.mark.runbook("#functions")
def test_own(function):
    """Takes its process down with it, while the other worker looks."""
    if function.state and "embeddings" in function.name:
        os._exit(1)
'''


def test_a_worker_that_dies_leaves_the_others_looking(project: Project) -> None:
    """In the middle of its checks: the rest is seen and judged, by the other worker and the next one."""
    project.check(DIES)
    ran = project.run("-n2")
    assert ran.code == 6, ran.output
    outcomes = Counter(check["outcome"] for check in ran.report["checks"])
    assert outcomes == {"unknown": 1, "passed": len(ran.report["checks"]) - 1}
    assert ran.report["own_cost"]["calls"]["lambda.GetFunctionConfiguration"] == len(ran.report["checks"])


def test_each_worker_is_answered_with_what_it_asked() -> None:
    """Many at once, and nothing is asked twice."""
    cloud = Cloud()
    wrong: list[str] = []

    def ask(observer: SharedObserver, start: int) -> None:
        for number in range(start, start + 40):
            name = f"q{number % 50}"
            if observer.observe(request(name)).value != name:
                wrong.append(name)

    with serving(cloud) as server:
        threads = [threading.Thread(target=ask, args=(worker(server), 7 * number)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SOON)
    assert not wrong
    assert sorted(cloud.asked) == sorted({f"q{number}" for number in range(50)})


def connect_to(server: Server) -> socket.socket:
    stranger = socket.socket(socket.AF_UNIX if isinstance(server.address, str) else socket.AF_INET)
    stranger.connect(server.address)
    return stranger


def everything_said(connection: Connection) -> bytes:
    """Until the other end hangs up."""
    said = b""
    with suppress(EOFError, OSError):
        while True:
            said += connection.recv_bytes()
    return said


def test_a_stranger_learns_nothing_and_stops_nothing() -> None:
    """Gone at once, silent, talking nonsense, with another key: none is answered, and workers still come and go."""
    cloud = Cloud()
    with serving(cloud) as server:
        silent = connect_to(server)
        for words in (b"", b"\x00", b"\x00\x00\x00\x03abc", b"\xff" * 64, b"GET / HTTP/1.1\r\n\r\n"):
            stranger = connect_to(server)
            if words:
                stranger.sendall(words)
            stranger.close()
        with pytest.raises((AuthenticationError, EOFError, OSError)):
            Client(server.address, authkey=b"another key")
        # Whoever does not take part in the handshake sees its challenge and no more.
        unasked = Client(server.address)
        challenge = unasked.recv_bytes()
        assert challenge.startswith(b"#CHALLENGE#")
        unasked.send(("observe", (request("secret"),)))
        assert b"secret" not in everything_said(unasked)
        assert server.key not in challenge
        assert worker(server).observe(request("a")).value == "a"
        silent.close()
    assert cloud.asked == ["a"]


def test_an_interrupted_question_is_never_answered_with_another_ones_answer() -> None:
    """Who is interrupted while waiting has lost the connection, and not just its place in it."""

    class Interrupted(Exception):
        pass

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted

    cloud = Cloud()
    with serving(cloud) as server:
        observer = worker(server)
        assert observer.observe(request("first")).value == "first"
        cloud.gate.clear()
        before = signal.signal(signal.SIGUSR1, interrupt)
        watcher = threading.Thread(target=_once_asked, args=(cloud, "slow", os.getpid()))
        watcher.start()
        try:
            with pytest.raises(Interrupted):
                observer.observe(request("slow"))
        finally:
            signal.signal(signal.SIGUSR1, before)
            watcher.join(SOON)
            cloud.gate.set()
        assert _value_or_nothing(observer, "other") in ("other", None)
        assert observer.observe(request("first")).value == "first"
        assert worker(server).observe(request("slow")).value == "slow"


def _once_asked(cloud: Cloud, name: str, pid: int) -> None:
    while name not in cloud.asked:
        cloud.gate.wait(0.01)
    os.kill(pid, signal.SIGUSR1)


def _value_or_nothing(observer: SharedObserver, name: str) -> Any:
    try:
        return observer.observe(request(name)).value
    except (OSError, EOFError):
        return None


def test_workers_spend_one_purse() -> None:
    """Whoever comes first; what is free always goes."""
    with serving(Cloud(), Ceiling(0.00025)) as server:
        workers = [worker(server), worker(server)]
        for one in workers:
            one.pay("ce.GetCostAndUsage", 0.0001)
        for one in workers:
            with pytest.raises(Unobserved) as raised:
                one.pay("ce.GetCostAndUsage", 0.0001)
            assert raised.value.state is State.REFUSED
            assert "--max-usd=0.00025" in raised.value.reason
            one.pay("sts.GetCallerIdentity", 0.0)
