"""Ways into the product for its tests: the command line, and small projects with checks of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from fixtures.embedded.environment import clean_environment
from fixtures.embedded.process import EmbeddedCloud

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """A finished run of the command line."""

    code: int
    output: str
    reports: Path

    @property
    def report(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.reports / "report.json").read_text())
        return loaded

    def outcomes(self) -> dict[str, str]:
        return {check["id"]: check["outcome"] for check in self.report["checks"]}

    def not_passed(self) -> dict[str, tuple[str, str | None]]:
        """Check id, without its folder, to outcome and severity of everything that did not pass."""
        return {
            check["id"].split("::")[1]: (check["outcome"], check["severity"])
            for check in self.report["checks"]
            if check["outcome"] != "passed"
        }


def offline_environment() -> dict[str, str]:
    """The environment without anything of AWS in it."""
    return {**clean_environment(os.environ), "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def cloud() -> Iterator[str]:
    """The address of a healthy embedded cloud."""
    running = EmbeddedCloud.start(ROOT)
    yield running.endpoint_url
    running.stop()


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Ran]:
    """Runs ``pytest`` in the project's root with the given arguments, as an operator does."""

    def run(*arguments: str, env: dict[str, str] | None = None, cwd: Path = ROOT) -> Ran:
        reports = tmp_path / "reports"
        command = [sys.executable, "-m", "pytest", *arguments]
        if "cacheprovider" not in arguments:
            command += ["-p", "no:cacheprovider"]
        if not any(argument.startswith("--report-dir") for argument in arguments):
            command.append(f"--report-dir={reports}")
        done = subprocess.run(
            command,
            cwd=cwd,
            env={**offline_environment(), **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout + done.stderr, reports)

    return run


@dataclass(frozen=True)
class Project:
    """A copy of the project's catalogue with checks of its own."""

    path: Path
    run_in: Callable[..., Ran]
    cloud: str

    def check(self, source: str, name: str = "test_own.py") -> None:
        """Add a file of checks."""
        folder = self.path / "checks" / "smoke"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("import pytest\n\n" + source)

    def run(self, *arguments: str, **keywords: Any) -> Ran:
        """Run the checks against a healthy cloud."""
        return self.run_in(
            "checks", "--stage=local", f"--endpoint-url={self.cloud}", *arguments, cwd=self.path, **keywords
        )


@pytest.fixture
def project(tmp_path: Path, run: Callable[..., Ran], cloud: str) -> Project:
    path = tmp_path / "project"
    path.mkdir()
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, path)
    for name in ("services", "runbooks"):
        shutil.copytree(ROOT / name, path / name)
    return Project(path, run, cloud)


@dataclass
class Canned:
    """An endpoint that answers what it was told to, in order, the last one again and again."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    requests: int = 0


@pytest.fixture
def canned() -> Iterator[Canned]:
    canned = Canned()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = canned.answers[min(canned.requests, len(canned.answers) - 1)]
            canned.requests += 1
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    canned.url = f"http://127.0.0.1:{server.server_port}"
    yield canned
    server.shutdown()
    server.server_close()
