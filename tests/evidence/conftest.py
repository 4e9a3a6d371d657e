"""A small recording that many tests begin with, and a place where nobody can be asked."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Ran, offline_environment

OFFLINE = Path(__file__).parent / "offline"
LATER = ("-p", "tests.evidence.offline.later")
NOWHERE = "http://127.0.0.1:9"
SMALL = ("checks/smoke/test_queues.py", "checks/smoke/test_access.py", "--stage=local", "--service=bg-remover")


@dataclass(frozen=True)
class Offline:
    """An environment without network, credentials and settings."""

    env: dict[str, str]
    attempts_file: Path

    @property
    def attempts(self) -> str:
        """What was tried all the same."""
        return self.attempts_file.read_text() if self.attempts_file.exists() else ""


@pytest.fixture
def offline(tmp_path: Path) -> Offline:
    home, attempts = tmp_path / "home", tmp_path / "attempts"
    home.mkdir()
    env = {
        "ATTEMPTS": str(attempts),
        "AWS_CONFIG_FILE": str(home / "none"),
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_ENDPOINT_URL": NOWHERE,
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "none"),
        "HOME": str(home),
        "HTTPS_PROXY": NOWHERE,
        "HTTP_PROXY": NOWHERE,
        "PYTHONPATH": os.pathsep.join((str(OFFLINE), str(ROOT))),
    }
    return Offline(env, attempts)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory, cloud: str) -> bytes:
    """A recording of the queues and the access of one healthy service."""
    folder = tmp_path_factory.mktemp("healthy")
    to = (f"--endpoint-url={cloud}", f"--record={folder / 'evidence.jsonl'}", f"--report-dir={folder}")
    command = [sys.executable, "-m", "pytest", *SMALL, *to, "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=ROOT, env=offline_environment(), check=True, capture_output=True, timeout=120)
    return (folder / "evidence.jsonl").read_bytes()


@pytest.fixture
def evidence(tmp_path: Path, healthy: bytes) -> Path:
    """A file with it, to do with as one likes."""
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(healthy)
    return path


@pytest.fixture
def replay(run: Callable[..., Ran], offline: Offline) -> Callable[..., Ran]:
    """Replays where nobody can be asked, half a year later."""

    def replay(path: Path, *arguments: str, **keywords: Any) -> Ran:
        given = arguments or SMALL
        return run(*given, f"--replay={path}", *LATER, env=offline.env, **keywords)

    return replay


def told(ran: Ran) -> dict[str, Any]:
    """The report, without how long judging took and that it was a replay."""
    checks = [{**check, "duration_seconds": 0} for check in ran.report["checks"]]
    return {**ran.report, "checks": checks, "duration_seconds": 0, "recorded": None}


def verdict_line(ran: Ran) -> str:
    """The last line, without the same."""
    return re.sub(r" \(recorded [^)]*\)|, [0-9.]+ s$", "", ran.output.strip().splitlines()[-1])
