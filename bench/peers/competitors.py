"""Each competitor as one command, and where it leaves what it saw."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import Run, run

from fixtures.catalogue import load_catalogue
from peers.checklist import write_script
from peers.record import Fact, Record

BENCH = Path(__file__).parents[1]
HERE = Path(__file__).parent
Answers = Iterable[tuple[Fact, Any]]


@dataclass(frozen=True)
class Ground:
    """What every competitor is given."""

    root: Path
    """The project."""
    folder: Path
    """Where they may write."""
    endpoint_url: str

    @property
    def reads(self) -> Path:
        """The facts of each check, for those that do not know them by themselves."""
        return self.folder / "reads.json"

    @property
    def environment(self) -> dict[str, str]:
        """What they need to know."""
        config = self.folder / "aws-config"
        config.write_text("[default]\ncli_timestamp_format = iso8601\n")
        return {
            "PYTHONPATH": os.pathsep.join(map(str, (BENCH, self.root))),
            "AWS_CONFIG_FILE": str(config),
            "BENCH_READS": str(self.reads),
            "BENCH_ENDPOINT": self.endpoint_url,
            "BENCH_ANSWERS": str(self.folder / "answers"),
            "BENCH_PHASES": str(self.folder / "phases.json"),
        }


def suite(ground: Ground, *more: str) -> Run:
    """The suite itself."""
    where = ["--stage=local", "--endpoint-url", ground.endpoint_url, "--report-dir", str(ground.folder / "reports")]
    ran = run(
        [sys.executable, "-m", "pytest", "checks/", *where, "-q", "-p", "phases", *more],
        ground.root,
        ground.environment,
    )
    _require(ran, "the suite")
    return ran


def report(ground: Ground) -> dict[str, Any]:
    """The suite's own ``report.json``, made sure that it is GO and that every check passed."""
    said: dict[str, Any] = json.loads((ground.folder / "reports" / "report.json").read_text())
    outcomes = {check["outcome"] for check in said["checks"]}
    if said["verdict"] != "GO" or outcomes != {"passed"}:
        raise SystemExit(f"the suite said {said['verdict']} with outcomes {sorted(outcomes)}, expected GO, all passed")
    return said


def record(ground: Ground) -> Record:
    """What each check reads, from a run of the suite; the facts of each check are left for the others."""
    path = ground.folder / "record.jsonl"
    suite(ground, "--record", str(path))
    read = Record.load(path, "local", load_catalogue(ground.root).stages["local"].account)
    read.save_reads(ground.reads)
    return read


def plain(ground: Ground, *more: str) -> tuple[Run, Answers]:
    """A plain pytest suite with boto3."""
    project, answers = ground.folder / "plain", ground.folder / "answers"
    shutil.rmtree(answers, ignore_errors=True)
    answers.mkdir()
    project.mkdir(exist_ok=True)
    (project / "pytest.ini").write_text("[pytest]\n")
    shutil.copy(HERE / "plain_suite.py", project / "test_plain.py")
    ran = run([sys.executable, "-m", "pytest", "test_plain.py", "-q", *more], project, ground.environment)
    _require(ran, "the plain suite")
    return ran, [pair for path in answers.glob("*.json") for pair in json.loads(path.read_text())]


def checklist(ground: Ground, facts: list[Fact]) -> tuple[Run, Answers]:
    """The ``aws`` command in a script."""
    folder = ground.folder / "checklist"
    folder.mkdir(exist_ok=True)
    write_script(folder / "checklist.sh", facts, ground.endpoint_url)
    ran = run(["bash", "checklist.sh"], folder, ground.environment)
    _require(ran, "the checklist script")
    return ran, [(fact, json.loads((folder / f"{number}.json").read_text())) for number, fact in enumerate(facts)]


def sequential(ground: Ground, *more: str) -> dict[str, Any]:
    """Plain boto3 without pytest; its own seconds, CPU seconds and answers."""
    command = [sys.executable, "-m", "peers.sequential", str(ground.reads), ground.endpoint_url, *more]
    ran = run(command, ground.root, ground.environment)
    _require(ran, "the sequential reading")
    said: dict[str, Any] = json.loads(ran.output.splitlines()[-1])
    return said


def _require(ran: Run, who: str) -> None:
    if ran.exit_code:
        raise SystemExit(f"{who} ended with exit code {ran.exit_code}:\n{ran.output[-3000:]}")
