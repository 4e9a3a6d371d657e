"""The benchmarks still run, and their peers still see what the suite sees; how fast is for whoever runs them."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT, offline_environment


def bench(name: str, *arguments: str) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / name), "--delay-ms", "0", *arguments],
        cwd=ROOT,
        env=offline_environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_peers_see_what_the_suite_sees() -> None:
    """The canned endpoint knows every operation that the checks use, and plain boto3 gets the same answers."""
    printed = bench("observe.py", "--repetitions", "1", "--cli-repetitions", "0")
    assert "all saw the same" in printed
    assert "plain boto3 suite -n 8" in printed


def test_a_generated_fleet_is_go() -> None:
    """With every kind of resource in it."""
    printed = bench("fleet.py", "--sizes", "2")
    assert "calls/service" in printed
