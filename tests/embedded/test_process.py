"""The process starts with one line, says clearly why it cannot, and ends with whoever started it."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from fixtures.embedded.process import EmbeddedCloud, EmbeddedCloudError

from .conftest import client_of

SECONDS = 20
COMMAND = [sys.executable, "-m", "fixtures.embedded"]


def spawn(root, *options):
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*COMMAND, *options], cwd=root, text=True, **pipes)


def is_served(url):
    try:
        http.client.HTTPConnection(urlsplit(url).netloc, timeout=1).connect()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_it_cleanly(root, number):
    """It has said one line by then, exits with 0 and complains about nothing."""
    process = spawn(root, "--port", "0")
    line = process.stdout.readline()
    assert line.startswith("ready http://127.0.0.1:")
    client_of(line.split()[1])("sts", "eu-west-1").get_caller_identity()

    process.send_signal(number)
    output, errors = process.communicate(timeout=SECONDS)

    assert (process.returncode, output, errors) == (0, "", "")


def test_closed_stdin_ends_it(root):
    """With the option, the end of its standard input is its own."""
    process = spawn(root, "--until-stdin-closes")
    assert process.stdout.readline().startswith("ready ")

    process.stdin.close()

    assert process.wait(SECONDS) == 0
    process.stdout.close()
    process.stderr.close()


def test_killed_parent_ends_it(root):
    """Even a run that is killed leaves no cloud behind."""
    script = (
        "import pathlib, time; from fixtures.embedded.process import EmbeddedCloud;"
        "print(EmbeddedCloud.start(pathlib.Path.cwd()).endpoint_url, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root, text=True, stdout=subprocess.PIPE)
    url = parent.stdout.readline().strip()
    assert is_served(url)

    parent.kill()
    parent.communicate()

    deadline = time.monotonic() + SECONDS
    while is_served(url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_served(url)


def test_stop_can_be_called_twice(root):
    """After stopping nothing answers, and stopping again is nothing."""
    cloud = EmbeddedCloud.start(root, ["stack-deleted"])
    assert is_served(cloud.endpoint_url)

    cloud.stop()
    cloud.stop()

    assert not is_served(cloud.endpoint_url)
    with pytest.raises(EndpointConnectionError):
        client_of(cloud.endpoint_url)("sts", "eu-west-1").get_caller_identity()


def test_users_aws_settings_do_not_matter(root, monkeypatch):
    """A profile that is not there, another endpoint, region and account: it answers as ever."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "nowhere-1")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "999999999999")
    process = spawn(root, "--until-stdin-closes")
    url = process.stdout.readline().removeprefix("ready ").strip()
    monkeypatch.undo()

    assert client_of(url)("sts", "eu-west-1").get_caller_identity()["Account"] == "123456789012"

    process.communicate(timeout=SECONDS)
    cloud = EmbeddedCloud.start(root, [])
    cloud.stop()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("dlq-backlogs", ["'dlq-backlogs'", "dlq-backlog"]),
        ("denied=sqs.ListQueue", ["denied=sqs.ListQueue", "ListQueues"]),
        ("denied", ["'denied'", "denied=SERVICE.Operation"]),
        ("deneid=sqs.ListQueues", ["'deneid=sqs.ListQueues'", "denied=SERVICE.Operation"]),
    ],
)
def test_unknown_fault_is_refused_before_anything_is_served(root, fault, words):
    """One line on stderr, nothing on stdout, exit code 2; and the same text for who starts it from Python."""
    process = spawn(root, "--fault", fault)
    output, errors = process.communicate(timeout=SECONDS)

    assert (process.returncode, output, errors.count("\n")) == (2, "", 1)
    assert all(word in errors for word in words)
    with pytest.raises(EmbeddedCloudError) as caught:
        EmbeddedCloud.start(root, [fault])
    assert f"error: {caught.value}\n" == errors


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (["dlq-deleted", "dlq-backlog"], r"\S+NonExistentQueue: .*"),
        (["metric-missing", "metric-response-slow"], "KeyError: .*"),
        (["event-source-deleted", "event-source-failing"], "IndexError: .*"),
        (["rest-api-deleted", "rest-api-undeployed"], "StopIteration:"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_faults_that_exclude_each_other_are_refused(root, faults, reason):
    """The second finds nothing to break any more, and says so in a line."""
    with pytest.raises(EmbeddedCloudError) as caught:
        EmbeddedCloud.start(root, faults)
    assert re.fullmatch(rf"--fault {faults[1]}: .* another fault \({reason}\)", str(caught.value))


def test_end_for_another_reason_is_told_with_its_exit_code(root, monkeypatch):
    """Its last lines are then no answer to anything that was given."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EmbeddedCloudError, match=r"did not start \(exit code 1\): it said nothing"):
        EmbeddedCloud.start(root)


@pytest.mark.parametrize("port", ["taken", "70000", "-1"])
def test_unusable_port_is_refused(root, port):
    """The message names the port and what to give instead."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1]) if port == "taken" else port
        process = spawn(root, "--port", port)
        output, errors = process.communicate(timeout=SECONDS)

    assert (process.returncode, output, errors.count("\n")) == (2, "", 1)
    assert port in errors
    assert "0 for any" in errors


def test_faults_are_listed(root):
    """Without starting anything."""
    listed = subprocess.run([*COMMAND, "--list-faults"], cwd=root, capture_output=True, text=True, check=True)

    assert "dlq-backlog" in listed.stdout
    assert "denied=SERVICE.Operation" in listed.stdout


def test_controller_side_loads_neither_moto_nor_boto3(root):
    """The process that runs pytest stays light."""
    script = (
        "import sys, fixtures.embedded.process, fixtures.embedded.faults as faults;"
        "faults.parse_faults(['dlq-backlog', 'denied=sqs.ListQueues']); faults.describe_faults();"
        "print([name for name in ('moto', 'boto3', 'botocore', 'werkzeug') if name in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"


def test_connections_are_reused(cloud):
    """A second request goes over the same connection."""
    connection = http.client.HTTPConnection(urlsplit(cloud.endpoint_url).netloc, timeout=SECONDS)
    connection.request("GET", "/_http/products.local.carousellabs.co/health")
    connection.getresponse().read()
    first = connection.sock

    connection.request("GET", "/_http/products.local.carousellabs.co/health")

    assert connection.getresponse().status == 200
    assert connection.sock is first is not None
    connection.close()


def test_hanging_call_times_out_and_does_not_keep_it_alive(root):
    """Clients give up, and stopping takes no longer for it."""
    cloud = EmbeddedCloud.start(root, ["hanging=sqs.ListQueues"])
    client = client_of(cloud.endpoint_url, read_timeout=1, retries={"total_max_attempts": 1})("sqs", "eu-west-1")

    with pytest.raises(ReadTimeoutError):
        client.list_queues()

    started = time.monotonic()
    cloud.stop()
    assert time.monotonic() - started < 3
