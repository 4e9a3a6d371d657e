"""The command line as operators use it: stages, endpoints, credentials, workers and interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import jsonschema
import pytest

from fixtures.catalogue import load_catalogue
from plugins.reports.model import schema
from tests.conftest import ROOT, Project, Ran, offline_environment

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


def test_a_fresh_local_stage_is_go(run: Callable[..., Ran]) -> None:
    """Every service in healthy form: exit 0, everything observed, every report written."""
    ran = run("checks", "--stage=local")
    assert ran.code == 0, ran.output
    assert set(ran.outcomes().values()) == {"passed"}
    assert {check["service"] for check in ran.report["checks"]} == set(load_catalogue(ROOT).services)
    assert ran.report["coverage"]["unknown"] == 0
    assert ran.output.strip().splitlines()[-1].startswith("GO local: ")
    assert {path.name for path in ran.reports.iterdir()} == {"junit.xml", "report.html", "report.json", "summary.md"}


def test_workers_give_the_same_outcomes(run: Callable[..., Ran]) -> None:
    """With and without -n, also where a cause explains others and where nobody may look."""
    faults = ("--fault", "table-deleted", "--fault", "event-source-deleted", "--fault", "denied=sns.GetTopicAttributes")
    alone = run("checks", "--stage=local", *faults)
    outcomes, incidents = alone.not_passed(), [incident["key"] for incident in alone.report["incidents"]]
    assert {outcome for outcome, _ in outcomes.values()} == {"failed", "inhibited", "unknown"}
    shared = run("checks", "--stage=local", *faults, "-n2")
    assert shared.not_passed() == outcomes
    assert [incident["key"] for incident in shared.report["incidents"]] == incidents
    assert shared.code == alone.code == 1


@pytest.mark.parametrize("stage", ["local", "dev", "sit", "prod"])
def test_checks_are_collected_offline(run: Callable[..., Ran], stage: str) -> None:
    """No credentials, no network, nothing written."""
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    ran = run("checks", "--collect-only", "-q", f"--stage={stage}", env=nowhere)
    assert ran.code == 0, ran.output
    ids = [line for line in ran.output.splitlines() if "::" in line]
    assert len(ids) > 20
    assert all(f"[{stage}:" in line for line in ids)
    assert not ran.reports.exists()


def test_stages_and_services_select(run: Callable[..., Ran]) -> None:
    """Both are repeatable, and a check runs once for each stage."""
    arguments = ("--collect-only", "-q", "--stage=sit", "--stage=prod", "--service=product-lambda")
    ran = run("checks", *arguments)
    ids = [line for line in ran.output.splitlines() if "::" in line]
    assert {line.split("[")[1].split(":")[0] for line in ids} == {"sit", "prod"}
    assert {line.split(":")[-2] if "@" in line else line.split("[")[1].split(":")[1] for line in ids} == {
        "product-lambda"
    }


def test_folders_are_markers(run: Callable[..., Ran]) -> None:
    """``-m smoke`` selects the folder."""
    selected = run("checks", "--stage=local", "--collect-only", "-q", "-m", "smoke").output
    none = run("checks", "--stage=local", "--collect-only", "-q", "-m", "cost")
    assert selected.count("checks/smoke/") > 100
    assert none.code == 5


USAGE = {
    "unknown stage": (["--stage=prdo"], "local, dev, sit, prod (did you mean prod?)"),
    "no stage": ([], "--stage is missing: say which stage to verify, one of local, dev, sit, prod"),
    "unknown service": (["--stage=local", "--service=zae"], "known are bg-remover"),
    "service not on the stage": (["--stage=sit", "--service=bg-remover"], "not declared on this stage"),
    "unknown gate": (["--stage=local", "--gate=high"], "allowed are P1, P2, P3, P4"),
    "endpoint that is none": (["--stage=local", "--endpoint-url=localhost:1"], "give a full address"),
    "fault away from home": (["--stage=prod", "--fault=dlq-backlog"], "use it with --stage=local alone"),
    "unknown fault": (["--stage=local", "--fault=dlq-backlock"], "dlq-backlog"),
    "fault elsewhere": (["--stage=local", "--fault=dlq-backlog", "--endpoint-url=http://127.0.0.1:1"], "leave one out"),
    "plain asserts": (["--stage=local", "--assert=plain"], "--assert=plain: "),
    "password in the endpoint": (
        ["--stage=local", "--endpoint-url=http://u:p@127.0.0.1:1"],
        "leave user and password out",
    ),
    "nobody at the endpoint": (
        ["--stage=local", "--endpoint-url=http://127.0.0.1:1"],
        "nothing answers at http://127.0.0.1:1",
    ),
    "a service not on every stage": (
        ["--stage=sit", "--service=bg-remover", "--service=product-lambda"],
        "--service=bg-remover: not declared on this stage",
    ),
    "reports nowhere": (["--stage=local", "--report-dir=/proc/none"], "name another"),
}


@pytest.mark.parametrize("name", USAGE)
def test_bad_usage_is_said_before_anything_runs(run: Callable[..., Ran], name: str) -> None:
    """Exit code 4, what was given, what is allowed, and no traceback."""
    arguments, message = USAGE[name]
    ran = run("checks", *arguments)
    assert ran.code == 4, ran.output
    assert message in ran.output
    assert "Traceback" not in ran.output
    assert len(ran.output.splitlines()) < 8


def test_asserts_that_python_removes_are_refused(run: Callable[..., Ran]) -> None:
    """Under -O a helper's assert is gone, and what it claims holds of everything."""
    ran = run("checks", "--stage=local", env={"PYTHONOPTIMIZE": "1"})
    assert ran.code == 4
    assert "PYTHONOPTIMIZE" in ran.output


def test_a_profile_that_does_not_exist_is_refused(run: Callable[..., Ran]) -> None:
    """By its name, before hundreds of checks say so."""
    ran = run("checks", "--stage=prod", env={"AWS_PROFILE": "no-such-profile"})
    assert ran.code == 4
    assert "no-such-profile" in ran.output


def test_without_credentials_one_message(run: Callable[..., Ran]) -> None:
    """Said once, with what to do, instead of once a check."""
    ran = run("checks", "--stage=prod")
    assert ran.code == 4
    assert ran.output.count("no AWS credentials") == 1
    assert "aws sso login" in ran.output
    assert "Traceback" not in ran.output
    assert len(ran.output.splitlines()) < 8


def test_credentials_of_another_account_are_refused(run: Callable[..., Ran], cloud: str) -> None:
    """A verdict about the wrong account would be worse than none."""
    ran = run("checks", "--stage=prod", f"--endpoint-url={cloud}", env=CREDENTIALS)
    assert ran.code == 4
    assert "belong to account 123456789012, and the stage is account 777788889999" in ran.output


def test_an_old_go_does_not_survive_a_run_that_cannot_begin(run: Callable[..., Ran]) -> None:
    """Whoever reads report.json afterwards must not find the answer of another day."""
    assert run("checks", "--stage=local", "-k", "role").report["verdict"] == "GO"
    refused = run("checks", "--stage=prod")
    assert refused.code == 4
    assert not list(refused.reports.glob("*"))


@pytest.mark.parametrize("mistake", ["--gate=P9", "--fault=none", "--service=none", "--assert=plain"])
def test_an_old_go_does_not_survive_a_mistake_in_the_options(run: Callable[..., Ran], mistake: str, cloud: str) -> None:
    """However early the run is refused."""
    stale = run("checks", "--stage=local", f"--endpoint-url={cloud}", "-k", "role").reports / "report.json"
    assert stale.exists()
    assert run("checks", "--stage=local", mistake).code == 4
    assert not stale.exists()


def test_a_denied_operation_is_unknown_and_names_the_action(run: Callable[..., Ran]) -> None:
    """Exit code 6: nothing failed, and something that matters was not seen."""
    ran = run("checks", "--stage=local", "--fault", "denied=lambda.GetFunctionConfiguration")
    assert ran.code == 6, ran.output
    unknown = [check for check in ran.report["checks"] if check["outcome"] == "unknown"]
    assert unknown
    assert all("lambda:GetFunctionConfiguration" in check["reason"] for check in unknown)
    assert {outcome for outcome, _ in ran.not_passed().values()} == {"unknown"}
    assert "lambda:GetFunctionConfiguration" in (ran.reports / "report.html").read_text()
    assert ran.report["coverage"]["unknown"] > 0


NO_ANSWER = [
    f"{kind}={operation}"
    for kind in ("throttled", "unavailable", "malformed")
    for operation in ("dynamodb.DescribeTable", "s3.HeadBucket", "logs.FilterLogEvents")
    if (kind, operation) != ("malformed", "s3.HeadBucket")  # It answers without a body, so none can be malformed.
]


@pytest.mark.parametrize("fault", NO_ANSWER)
def test_an_operation_that_gives_no_answer_is_unknown(run: Callable[..., Ran], fault: str) -> None:
    """In JSON, REST and paged protocols; nothing passes, fails or is left out for it."""
    ran = run(
        "checks/smoke/test_tables.py",
        "checks/smoke/test_storage.py",
        "checks/smoke/test_logs.py",
        "--stage=local",
        "--service=bg-remover",
        "--fault",
        fault,
    )
    assert ran.code == 6, ran.output
    assert {outcome for outcome, _ in ran.not_passed().values()} == {"unknown"}


def test_embedded_endpoint_from_the_environment(run: Callable[..., Ran], cloud: str) -> None:
    """AWS_ENDPOINT_URL points a run at a cloud that already stands."""
    ran = run("checks", "--stage=local", env={"AWS_ENDPOINT_URL": cloud})
    assert ran.code == 0, ran.output
    assert "python -m fixtures.embedded" not in ran.output


def test_real_credentials_and_proxies_are_not_used_locally(run: Callable[..., Ran]) -> None:
    """Whatever the developer's shell holds, the local stage is the embedded cloud's."""
    environment = {
        **CREDENTIALS,
        "AWS_PROFILE": "nobody",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    ran = run("checks", "--stage=local", "--service=bg-remover", env=environment)
    assert ran.code == 0, ran.output


def test_report_json_satisfies_its_schema(run: Callable[..., Ran]) -> None:
    """With failures, inhibition and unknowns in it; the committed schema is the current one."""
    committed = (ROOT / "reports" / "report.schema.json").read_text()
    assert committed == schema(), "report.schema.json is out of date: run python -m plugins.reports.model"
    ran = run("checks", "--stage=local", "--fault=dlq-backlog", "--fault=table-deleted", "--fault=denied=s3.HeadBucket")
    jsonschema.validate(ran.report, json.loads(committed))
    assert {check["outcome"] for check in ran.report["checks"]} == {"passed", "failed", "inhibited", "unknown"}


def test_a_backlog_is_one_p2_incident_in_every_report(run: Callable[..., Ran]) -> None:
    """NO-GO, exit 1, with what to do next."""
    ran = run("checks", "--stage=local", "--fault=dlq-backlog")
    assert ran.code == 1
    (incident,) = ran.report["incidents"]
    assert (incident["severity"], incident["resource"]) == ("P2", "bg-remover-local-dlq")
    assert incident["escalation"] == ["on-call engineer", "service owner", "DevOps lead"]
    said = "bg-remover-local-dlq: 12 messages, expected at most 0 messages"
    html, summary = (ran.reports / "report.html").read_text(), (ran.reports / "summary.md").read_text()
    for text in (ran.output, html, summary):
        assert said in text
        assert incident["respond_by"] in text
        assert "aws sqs get-queue-attributes" in text
        assert "DevOps lead" in text
    suite = ET.parse(ran.reports / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    (case,) = [case for case in suite if case.find("failure") is not None]
    properties = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert properties["severity"] == "P2"
    assert properties["respond_by"] == incident["respond_by"]
    assert properties["runbook"] == "runbooks/bg-remover.md#queues"
    assert (properties["service"], properties["stage"]) == ("bg-remover", "local")


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "n2"])
def test_what_services_say_is_only_text(run: Callable[..., Ran], workers: tuple[str, ...]) -> None:
    """Markup, escapes and null bytes act nowhere, and bodies of messages and log lines are nowhere at all."""
    faults = ("--fault=health-endpoint-hostile", "--fault=dlq-backlog", "--fault=logs-hostile")
    ran = run("checks", "--stage=local", *faults, *workers)
    assert ran.code == 1
    assert len(ran.report["incidents"]) == 3
    ET.parse(ran.reports / "junit.xml")
    texts = {path.name: path.read_text() for path in ran.reports.iterdir()}
    for name, text in {**texts, "terminal": ran.output}.items():
        assert "secret-message-body" not in text, name
        assert "secret-log-body" not in text, name
        assert not set(text) & set("\x00\x1b\u202e"), name
    assert "<script>alert" not in texts["report.html"] + texts["summary.md"]
    assert "&lt;script&gt;alert(1)" in texts["report.html"]


def with_ctrl_c() -> None:
    """Take Ctrl-C as a terminal's job does: whoever is started in the background of a script inherits to ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    """Start a run against an operation that hangs, press Ctrl-C when the first letters are out."""
    command = [sys.executable, "-m", "pytest", "checks", "--stage=local", "--fault=hanging=sqs.*", "-v", *arguments]
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
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "PASSED" in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    return process.returncode, "".join(said) + rest


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "n2"])
def test_an_interrupted_run_reports_what_it_did_not_see(tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Ctrl-C: every report is written, every selected check is in it, and the verdict is no GO."""
    code, output = interrupted(tmp_path, *workers)
    assert code == 2, output
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["verdict"], report["exit_code"]) == ("UNKNOWN", 2)
    outcomes = {check["outcome"] for check in report["checks"]}
    assert outcomes == {"passed", "unknown"}
    assert len(report["checks"]) > 200
    ET.parse(tmp_path / "junit.xml")
    assert {path.name for path in tmp_path.iterdir()} == {"junit.xml", "report.html", "report.json", "summary.md"}


def children(pid: int) -> list[int]:
    """Processes of the embedded cloud that ``pid`` has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and b"fixtures.embedded" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def ended(pid: int, within_seconds: float = 15) -> bool:
    """Whether a process is gone, or becomes so in time."""
    deadline = time.monotonic() + within_seconds
    while Path(f"/proc/{pid}").exists() and "State:\tZ" not in Path(f"/proc/{pid}/status").read_text():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_the_embedded_cloud_ends_with_the_run(tmp_path: Path, how: signal.Signals) -> None:
    """Whatever ends the run."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "checks",
            "--stage=local",
            "--fault=hanging=sqs.*",
            "-v",
            f"--report-dir={tmp_path}",
        ],
        cwd=ROOT,
        env=offline_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=with_ctrl_c,
    )
    assert process.stdout
    assert any("PASSED" in line for line in iter(process.stdout.readline, ""))
    (cloud,) = children(process.pid)
    process.send_signal(how)
    process.communicate(timeout=60)
    assert ended(cloud)


def test_a_worker_that_dies_leaves_no_check_out(project: Project) -> None:
    """What it was doing is unknown, the rest is judged by another worker."""
    project.check(
        "import os\n\n\n@pytest.mark.severity('P4')\ndef test_own(function):\n    '''Healthy.'''\n"
        "    if 'embeddings' in function.name:\n        os._exit(1)\n"
    )
    ran = project.run("-n2")
    assert ran.code == 6, ran.output
    assert "ended without being judged" in ran.report["remarks"][0]
    unknown = [check for check in ran.report["checks"] if check["outcome"] == "unknown"]
    assert [check["resource"] for check in unknown] == ["bg-remover-local-embeddings"]
    assert len(ran.report["checks"]) == 11


class Deny(BaseHTTPRequestHandler):
    """Denies everything, in the words of the JSON protocols."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"__type": "AccessDeniedException", "message": "no <script>"}'
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_an_endpoint_that_denies_everything_is_no_go_and_no_failure(run: Callable[..., Ran]) -> None:
    """Nothing was seen: every check of what was asked there is unknown."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Deny)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    ran = run("checks/smoke/test_tables.py", "checks/smoke/test_queues.py", "--stage=local", f"--endpoint-url={url}")
    server.shutdown()
    server.server_close()
    assert ran.code == 6, ran.output
    assert set(ran.outcomes().values()) == {"unknown"}


class Expired(Deny):
    """Says in the words of the query protocol that the credentials have run out."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>old</Message></Error></ErrorResponse>"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def test_expired_credentials_are_refused(run: Callable[..., Ran]) -> None:
    """Once, with what to do, and not once a check."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Expired)
    Thread(target=server.serve_forever, daemon=True).start()
    ran = run("checks", "--stage=prod", f"--endpoint-url=http://127.0.0.1:{server.server_port}", env=CREDENTIALS)
    server.shutdown()
    server.server_close()
    assert ran.code == 4, ran.output
    assert "AWS does not accept the credentials (ExpiredToken)" in ran.output
    assert len(ran.output.splitlines()) < 8


CONTRIBUTED = '''
@pytest.mark.severity("P3")
@pytest.mark.runbook("#functions")
def test_function_has_room_in_its_name(function):
    """The function's name leaves room for a suffix."""
    length = len(function.name)
    assert length <= 56, f"{function}: {length} characters, expected at most 56"
'''


def test_a_contributor_adds_a_check_in_one_file(project: Project) -> None:
    """Seven lines, no registry, no client code: reported like every other."""
    project.check(CONTRIBUTED)
    ran = project.run()
    assert ran.code == 0, ran.output
    assert len(ran.report["checks"]) == 11
    assert len(CONTRIBUTED.strip().splitlines()) <= 12
