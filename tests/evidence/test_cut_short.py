"""What a run that did not come to its end has recorded: what it saw, and nothing that it did not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_command_line import with_ctrl_c
from tests.conftest import ROOT, Project, Ran, offline_environment
from tests.evidence.conftest import SMALL

HANGING = ("checks/smoke/test_functions.py", "checks/smoke/test_queues.py", "--stage=local", "--service=bg-remover")


def facts(path: Path) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, path.read_text().splitlines()) if "fact" in line]


def stop(path: Path, how: signal.Signals, *arguments: str) -> int:
    """Send a signal when the first check has passed and the next waits for an answer."""
    command = [sys.executable, "-m", "pytest", *HANGING, "--fault=hanging=sqs.*", "-v", f"--record={path}", *arguments]
    process = subprocess.Popen(
        [*command, f"--report-dir={path.parent}", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=offline_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=with_ctrl_c,
    )
    assert process.stdout
    assert any("PASSED" in line for line in iter(process.stdout.readline, ""))
    os.killpg(process.pid, how)
    process.communicate(timeout=60)
    return process.returncode


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "n2"])
def test_an_interrupted_run_has_recorded_what_it_saw(
    replay: Callable[..., Ran], tmp_path: Path, workers: tuple[str, ...]
) -> None:
    """Ctrl-C: the file is whole, and what was not answered yet is unknown ever after."""
    path = tmp_path / "evidence.jsonl"
    assert stop(path, signal.SIGINT, *workers) == 2
    assert {line["state"] for line in facts(path)} == {"value"}
    assert not [line for line in facts(path) if line["fact"].get("service") == "sqs"]
    ran = replay(path, *HANGING)
    assert ran.code == 6, ran.output
    outcomes = {(check["id"].split("::")[0], check["outcome"]) for check in ran.report["checks"]}
    assert {outcome for file, outcome in outcomes if "test_queues" in file} == {"unknown"}
    assert "passed" in {outcome for _, outcome in outcomes} <= {"passed", "unknown"}
    reasons = {check["reason"] for check in ran.report["checks"] if check["outcome"] == "unknown"}
    assert all("the recording does not hold this fact" in reason for reason in reasons)


def test_a_killed_run_leaves_no_recording(tmp_path: Path) -> None:
    """Neither an earlier one, nor half of its own."""
    path = tmp_path / "evidence.jsonl"
    path.write_text("an earlier one")
    stop(path, signal.SIGKILL)
    assert not path.exists()


def test_what_the_deadline_cut_off_is_unknown_in_a_replay(
    run: Callable[..., Ran], replay: Callable[..., Ran], tmp_path: Path, cloud: str
) -> None:
    """For the reason that it had."""
    path = tmp_path / "evidence.jsonl"
    assert run(*SMALL, f"--endpoint-url={cloud}", "--deadline=0", f"--record={path}").code == 6
    assert {line["state"] for line in facts(path)} == {"refused"}
    ran = replay(path)
    assert ran.code == 6, ran.output
    assert set(ran.outcomes().values()) == {"unknown"}
    assert all("--deadline=0 was reached" in check["reason"] for check in ran.report["checks"])


DIES = '''
import os


@pytest.mark.severity("P1")
def test_own(queue):
    """The queue exists."""
    if "DIES" in os.environ and queue.name.endswith("dlq"):
        os._exit(1)
    assert queue.exists


@pytest.mark.severity("P1")
def test_depth(queue):
    """The queue is empty."""
    assert queue.depth == 0
'''


def test_what_a_worker_saw_before_it_died_is_judged_again(
    project: Project, replay: Callable[..., Ran], tmp_path: Path
) -> None:
    """The check that it died of has the fact that was read for it, or is unknown; nothing else changes."""
    project.check(DIES)
    path, given = tmp_path / "evidence.jsonl", ("--service=bg-remover", "--service=zae-limiter")
    recorded = project.run(*given, "-n2", f"--record={path}", env={"DIES": "1"})
    assert recorded.code == 6, recorded.output
    assert {outcome for outcome, _ in recorded.not_passed().values()} == {"unknown"}
    replayed = replay(path, "checks", "--stage=local", *given, cwd=project.path)
    assert set(replayed.not_passed()) <= set(recorded.not_passed())
    seen = {line["fact"]["parameters"]["QueueUrl"].rpartition("/")[2] for line in facts(path)}
    for check in replayed.report["checks"]:
        assert check["outcome"] == ("passed" if check["resource"] in seen else "unknown")
