"""Runs under pytest-xdist: what workers are told, what they tell, and which checks must not be parted."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from fixtures.selection import SELECTION
from plugins.checks import CHECKS
from plugins.findings import Check

SHARED = pytest.StashKey[Path]()
"""On the controller: a folder that its workers can write to."""

SERVICE_OF_A_STAGE = re.compile(r"\[([^:\]]+:[^:\]]+):")


def pytest_configure(config: pytest.Config) -> None:
    """Schedule by service, where xdist is there to ask."""
    if config.pluginmanager.hasplugin("xdist") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Scheduling(), "scheduling")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give a worker the folder to write to."""
    config: pytest.Config = node.config
    if SHARED not in config.stash:
        folder = tempfile.TemporaryDirectory(prefix="verification-")
        config.add_cleanup(folder.cleanup)
        config.stash[SHARED] = Path(folder.name)
    node.workerinput["shared"] = str(config.stash[SHARED])


def pytest_collection_finish(session: pytest.Session) -> None:
    """On a worker: write down what the selected checks are. The controller collects nothing itself."""
    workerinput = getattr(session.config, "workerinput", None)
    if workerinput is None or SELECTION not in session.config.stash:
        return
    folder = Path(workerinput["shared"])
    unfinished = folder / f"{workerinput['workerid']}.unfinished"
    unfinished.write_text(json.dumps([asdict(check) for check in session.config.stash.get(CHECKS, [])]))
    os.replace(unfinished, folder / "checks.json")


def checks_of_workers(config: pytest.Config) -> Iterable[Check]:
    """On the controller: the selected checks, as a worker wrote them down."""
    path = config.stash[SHARED] / "checks.json" if SHARED in config.stash else None
    if path is None or not path.exists():
        return []
    return [Check(**fields) for fields in json.loads(path.read_text())]


class _Scheduling:
    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:
        """Keep the checks of a service on a stage in one process, in order: causes come before what they explain."""
        from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

        class ByService(LoadScopeScheduling):  # type: ignore[misc]
            def _split_scope(self, nodeid: str) -> str:
                match = SERVICE_OF_A_STAGE.search(nodeid)
                return match[1] if match else nodeid

            def _reschedule(self, node: Any) -> None:
                # A worker begins a check only when it knows the next: with a single one left it would wait forever.
                super()._reschedule(node)
                while self.workqueue and not node.shutting_down and self._pending_of(self.assigned_work[node]) < 2:
                    self._assign_work_unit(node)

            def remove_node(self, node: Any) -> str | None:
                # xdist would give the check that a worker died of to the next worker, and to the next.
                assigned: dict[str, dict[str, bool]] = self.assigned_work[node]
                for scope in assigned.values():
                    for nodeid, is_done in scope.items():
                        if not is_done:
                            scope[nodeid] = True
                            super().remove_node(node)
                            return nodeid
                super().remove_node(node)
                return None

        return ByService(config, log)
