"""Memory for fleets: pytest and pytest-html keep every report of every check until the run ends.

When all plugins have had a check's reports, what they needed is taken off them. And the garbage collector is told what
stays: walking through it again and again finds nothing.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import pytest

from fixtures.selection import verifies

YOUNG = 10_000
"""Objects between two looks at the young ones. Python's 700 is made for programs whose objects come and go."""

M_ARENA_MAX = -8
"""Source: ``malloc.h`` of glibc."""

NOTHING: Mapping[str, object] = MappingProxyType({})
SHOWN = ("outcome", "blocking")
"""What the terminal still asks of a finding when it sums up."""


def pytest_configure(config: pytest.Config) -> None:
    """Have all threads allocate from one heap: of its own heap for each, the C library gives nothing back."""
    if verifies(config) and sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Come last of all plugins, pytest-html among them: of hooks that want to be last, the latest registered is."""
    if verifies(session.config):
        session.config.pluginmanager.register(_Slimming(), "slimming")


class _Slimming:
    """Takes off reports what nobody asks for any more."""

    def __init__(self) -> None:
        self._reports: dict[str, list[pytest.TestReport]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Wait for a check's last report: pytest-html looks at all of them then."""
        self._reports.setdefault(report.nodeid, []).append(report)
        if report.when == "teardown":
            for done in self._reports.pop(report.nodeid):
                _slim(done)


def _slim(report: Any) -> None:
    fields = vars(report)
    fields.pop("facts", None)
    fields.pop("usage", None)
    fields["keywords"], fields["user_properties"] = NOTHING, ()
    if (finding := fields.get("finding")) is not None:
        fields["finding"] = {name: finding[name] for name in SHOWN}


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave alone what is there when the checks begin."""
    if verifies(session.config):
        gc.freeze()
        gc.set_threshold(YOUNG)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave everything alone while the process ends."""
    if verifies(config):
        gc.freeze()
