"""How far the observing is: one line on a terminal while a check waits for an answer, nothing anywhere else."""

from __future__ import annotations

import os
from typing import Any

import pytest

from fixtures.observations import CLOCK, CONSUMED, ON_WAIT, STARTED
from fixtures.selection import verifies


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Show it where a person looks on."""
    terminal: Any = config.pluginmanager.getplugin("terminalreporter")
    is_seen = terminal is not None and terminal.isatty and config.option.verbose >= 0 and not os.environ.get("CI")
    if verifies(config) and is_seen and getattr(config.option, "dist", "no") == "no":
        progress = _Progress(config, terminal)
        config.pluginmanager.register(progress, "progress")
        config.stash[ON_WAIT] = progress.show


LONG = 5
"""How often a waiting check has asked before anything is shown: ten times a second."""


class _Progress:
    """A line that is written over itself, and erased before pytest goes on."""

    def __init__(self, config: pytest.Config, terminal: Any) -> None:
        self._config = config
        self._terminal = terminal
        self._is_shown = False
        self._waited = 0

    def show(self) -> None:
        """Say how many facts are known; called again and again while a check waits."""
        self._waited += 1
        if self._waited < LONG:
            return
        consumed, stash = self._config.stash[CONSUMED](), self._config.stash
        seconds = (stash[CLOCK]() - stash[STARTED]).total_seconds()
        line = f"observing: {consumed.known} of {consumed.asked} facts are known after {seconds:.0f} s"
        # What a check prints is captured, and so would this be.
        capture: Any = self._config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            if not self._is_shown:
                self._terminal.ensure_newline()
            self._terminal.rewrite(line, erase=True)
            self._terminal.flush()
        self._is_shown = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Make room for the check's own letter, after the name of its file."""
        self._waited = 0
        if self._is_shown:
            self._terminal.rewrite("", erase=True)
            self._terminal.write("\r")
            self._terminal.write_fspath_result(report.nodeid, "")
            self._is_shown = False
