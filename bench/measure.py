"""One command as a whole process: how long, how much CPU, and how much memory it and its children had at the worst."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.1
PAGE_BYTES = resource.getpagesize()
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS", "AWS_PROFILE", "AWS_ENDPOINT_URL")
"""Of the environment: what would make a run slower than it is, or another run than it is."""


@dataclass(frozen=True)
class Run:
    """A finished process."""

    started: float
    """Epoch seconds."""
    seconds: float
    cpu_seconds: float
    """User and system time, children included."""
    peak_bytes: int
    """Resident memory of the process and all its descendants together, at the worst moment that was seen."""
    exit_code: int
    output: str


def run(command: Sequence[str], cwd: Path, extra: Mapping[str, str]) -> Run:
    """Run a command to its end, with ``extra`` in its environment."""
    with tempfile.TemporaryFile("w+") as output:
        before, began, started = _children_cpu(), time.time(), time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=environment(extra), stdout=output, stderr=subprocess.STDOUT)
        watch = _Watch(process.pid)
        watch.start()
        exit_code = process.wait()
        seconds = time.perf_counter() - started
        watch.ended.set()
        output.seek(0)
        return Run(began, seconds, _children_cpu() - before, watch.peak_bytes, exit_code, output.read())


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, without what would spoil a measurement, with made-up credentials."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    keys = {"AWS_ACCESS_KEY_ID": "embedded", "AWS_SECRET_ACCESS_KEY": "embedded", "AWS_EC2_METADATA_DISABLED": "true"}
    return {**kept, **keys, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **extra}


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Watch(threading.Thread):
    """Looks at a process tree's memory now and then; Linux only, 0 elsewhere."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self.peak_bytes = 0
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(SAMPLE_SECONDS):
            self.peak_bytes = max(self.peak_bytes, sum(map(_resident_bytes, _tree(self._pid))))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from _tree(int(child))


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return 0
