"""Ways to a GO that means nothing, or to a log that holds too much, which a shell or an option can open."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.aws.endpoints import Addresses, Endpoints
from fixtures.aws.sessions import Sessions
from fixtures.catalogue import load_catalogue
from tests.conftest import ROOT, Project, Ran


def test_endpoints_of_single_services_are_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable for one service, left behind in a shell, would have a real stage answered by something else."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    sessions = Sessions(Addresses(load_catalogue(ROOT).stages, Endpoints(None)))
    assert sessions.client("prod", "sqs", "eu-west-1").meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"


def test_nothing_judged_is_not_go(project: Project) -> None:
    """Not even where only mild checks were selected, and none of them could look."""
    project.check('@pytest.mark.severity("P3")\ndef test_own(queue):\n    """Healthy."""\n    assert queue.dept == 0\n')
    ran = project.run()
    assert (ran.code, set(ran.outcomes().values())) == (6, {"unknown"})
    assert "a queue has no 'dept' (did you mean depth?)" in ran.output


def test_a_checks_own_clients_stay_at_home(project: Project) -> None:
    """On the local stage they ask the embedded cloud, whatever credentials the shell has."""
    project.check(
        '@pytest.mark.severity("P1")\ndef test_own(table):\n    """Healthy."""\n    import boto3\n'
        '    client = boto3.client("sts", "eu-west-1")\n'
        '    assert client.get_caller_identity()["Account"] == table.declared.account\n    assert table.exists\n'
    )
    ran = project.run("--service=bg-remover", env={"AWS_PROFILE": "prod", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"})
    assert ran.code == 0, ran.output


def test_no_log_holds_what_services_answered(run: Callable[..., Ran], tmp_path: Path) -> None:
    """botocore would write whole answers and signed requests at the level that a person asks for."""
    log = tmp_path / "log.txt"
    options = (f"--log-file={log}", "--log-file-level=DEBUG", "-o", "log_cli=true", "-o", "log_cli_level=DEBUG")
    ran = run("checks", "--stage=local", "--service=zae-limiter", "-k", "activity", *options)
    assert ran.code == 0, ran.output
    for text in (ran.output, log.read_text()):
        assert "Processing complete" not in text
        assert "Authorization" not in text


@pytest.mark.parametrize("name", ["run", "plugins.run", "judge", "observing"])
def test_a_run_without_a_part_that_judges_is_refused(run: Callable[..., Ran], name: str) -> None:
    """pytest would end with a 0 of its own."""
    ran = run("checks", "--stage=local", "-k", "schedule", "-p", f"no:{name}")
    assert ran.code != 0
    assert not (ran.reports / "report.json").exists()


def test_a_fault_that_nobody_looks_at_is_refused(run: Callable[..., Ran]) -> None:
    """A person who proves that a check goes red would take the GO for the check's fault."""
    ran = run("checks", "--stage=local", "--service=bg-remover", "--fault=table-deleted")
    assert ran.code == 4
    assert "--fault table-deleted breaks product-lambda, which --service leaves out" in ran.output
