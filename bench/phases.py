"""A pytest plugin that notes when the phases of a run begin and end: ``-p phases``, with ``BENCH_PHASES`` as the file.

It only looks at the clock, once a phase, so it can be part of a run that is timed.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

Marks = dict[str, tuple[float, float, float]]
MARKS: Marks = {}
"""Name to epoch seconds, this process's CPU seconds, and its resident memory in 10^6 bytes."""


def note(name: str) -> None:
    """Remember the first time that something happens."""
    if name not in MARKS:
        MARKS[name] = (time.time(), time.process_time(), resident_mb())


def resident_mb() -> float:
    """Memory of this process now; Linux only, 0 elsewhere."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * resource.getpagesize() / 1e6 if path.exists() else 0.0


note("pytest is there")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    result = yield
    note("modules loaded")
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionstart() -> Generator[None, object, object]:
    note("configured")
    result = yield
    note("session started")
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    result = yield
    note("collected")
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logstart() -> None:
    note("first check")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    result = yield
    note("judged")
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure() -> Generator[None, object, object]:
    result = yield
    note("reported")
    Path(os.environ["BENCH_PHASES"]).write_text(json.dumps(MARKS))
    return result


ORDER = {
    "pytest is there": "interpreter, pytest and its plugins",
    "modules loaded": "the project's modules",
    "configured": "options and catalogue",
    "session started": "credentials",
    "collected": "collection",
    "first check": "between collection and the first check",
    "judged": "checks",
    "reported": "reports",
}
"""What ends with each mark."""


@dataclass(frozen=True)
class Phase:
    """A part of a run."""

    name: str
    seconds: float
    cpu_seconds: float
    resident_mb: float
    """Memory at its end, in 10^6 bytes."""


def phases_of(marks: Marks, started: float, ended: float) -> list[Phase]:
    """Every phase, from the start of the process to its end."""
    found = []
    time_before, cpu_before, memory = started, 0.0, 0.0
    for mark, name in ORDER.items():
        at, cpu, memory = marks[mark]
        found.append(Phase(name, at - time_before, cpu - cpu_before, memory))
        time_before, cpu_before = at, cpu
    return [*found, Phase("end of the process", ended - time_before, 0.0, memory)]
