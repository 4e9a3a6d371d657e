"""The canned endpoint as a process of its own, so that its work is not counted as its client's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from canned.server import USAGE

BENCH = Path(__file__).parents[1]
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Usage:
    """What the endpoint was asked since the last time, and what that cost it."""

    calls: dict[str, int]
    cpu_seconds: float

    @property
    def total(self) -> int:
        """Calls of every kind."""
        return sum(self.calls.values())


@dataclass(frozen=True)
class CannedEndpoint:
    """A running endpoint."""

    url: str

    def take_usage(self) -> Usage:
        """What was asked since this was last called."""
        with NO_PROXY.open(self.url + USAGE) as answer:
            return Usage(**json.load(answer))


@contextmanager
def canned_endpoint(root: Path, delay_ms: float) -> Iterator[CannedEndpoint]:
    """Serve the catalogue under ``root`` for as long as the block lasts."""
    command = [sys.executable, "-m", "canned", "--root", str(root), "--delay-ms", str(delay_ms)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (BENCH, BENCH.parent)))}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        word, _, port = process.stdout.readline().partition(" ")
        if word != "ready":
            raise SystemExit(f"the canned endpoint did not start: {' '.join(command)}")
        yield CannedEndpoint(f"http://127.0.0.1:{int(port)}")
    finally:
        process.terminate()
        process.wait()
