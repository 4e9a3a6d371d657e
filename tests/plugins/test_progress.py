"""How far the observing is, shown to a person who waits and to nobody else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.embedded.process import EmbeddedCloud
from tests.conftest import ROOT, offline_environment


@pytest.fixture(scope="module")
def hanging() -> Iterator[str]:
    """The address of a cloud that never answers one operation."""
    cloud = EmbeddedCloud.start(ROOT, ["hanging=lambda.GetAlias"])
    yield cloud.endpoint_url
    cloud.stop()


def run_on_a_terminal(url: str, tmp_path: Path, **environment: str) -> str:
    """A run that waits until its client has given up, and what it wrote to the terminal."""
    ours, theirs = pty.openpty()
    arguments = [f"--endpoint-url={url}", f"--report-dir={tmp_path}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "checks", "--stage=local", "--service=bg-remover", *arguments],
        cwd=ROOT,
        env={**offline_environment(), "TERM": "xterm", **environment},
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
    )
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 4096):
            written += chunk
    except OSError:
        pass  # The other end of a terminal is gone.
    os.close(ours)
    assert process.wait() == 6
    return written.decode()


def test_a_person_sees_how_many_facts_are_known(hanging: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that is written over itself; what comes after it begins with its file's name again."""
    monkeypatch.delenv("CI", raising=False)
    written = run_on_a_terminal(hanging, tmp_path)
    assert "\robserving: " in written
    erased = written.rpartition("\robserving: ")[2].partition("\r")[2]
    assert erased.strip().startswith("checks/smoke/test_functions.py")


def test_ci_sees_none_of_it(hanging: str, tmp_path: Path) -> None:
    """A log of a thousand lines that all say the same helps nobody."""
    assert "observing: " not in run_on_a_terminal(hanging, tmp_path, CI="true")
