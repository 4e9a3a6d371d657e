"""Runs whose requests pass through a network that misbehaves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran
from tests.observer.chaos import Asked, Chaos, Fault

ACCOUNT = "123456789012"
"""The local stage's; what is noted down has a name for it instead."""

PATTERNS = (ACCOUNT, "All", "MetricAlarm", "CompositeAlarm")
"""Parameters that say nothing about which resource is asked for."""


@dataclass(frozen=True)
class Seen:
    """A finished run, what it noted down, and what the network knows of it."""

    ran: Ran
    chaos: Chaos
    evidence: Path
    seconds: float

    @cached_property
    def checks(self) -> dict[str, dict[str, Any]]:
        """The report's checks, by id."""
        return {check["id"]: check for check in self.ran.report["checks"]}

    @cached_property
    def facts(self) -> dict[str, list[str]]:
        """Check id to the facts that it has read."""
        text = self.evidence.read_text().replace("<account of local>", ACCOUNT)
        lines = [json.loads(line) for line in text.splitlines()]
        return {line["check"]: line["facts"] for line in lines if "check" in line}

    def of(self, outcome: str) -> list[str]:
        """Ids of the checks with an outcome."""
        return [id_ for id_, check in self.checks.items() if check["outcome"] == outcome]

    def operations(self, check: str) -> set[str]:
        """What a check has asked, as ``service.Operation``."""
        return {operation_of(fact) for fact in self.facts.get(check, [])}

    def require_that_passed_means_seen(self) -> None:
        """Every check that passed has read something, and the true answer to all of it came through."""
        for check in self.of("passed"):
            facts = self.facts.get(check)
            assert facts, f"{check} passed and read nothing"
            for fact in facts:
                assert self.chaos.answered_truly(operation_of(fact), *words_of(fact)), f"{check} never saw {fact}"


def operation_of(fact: str) -> str:
    """``service.Operation`` of a fact, ``http.GET`` of a health endpoint."""
    parts = fact.split("|")
    return f"{parts[2]}.{parts[3]}" if len(parts) > 4 else "http.GET"


def words_of(fact: str) -> list[str]:
    """What a request must have in it to be the one that asks for a fact: the names of what it is about."""
    parts = fact.split("|")
    if len(parts) <= 4:
        return [parts[1].removeprefix("GET https://")]
    parameters = json.loads("|".join(parts[4:-1]))
    words = [word for name, value in parameters.items() if not name.endswith("Time") for word in _words(value)]
    return [word for word in words if word not in PATTERNS]


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str):
        yield value.replace("/", ":").rpartition(":")[2] if value.startswith(("arn:", "https:")) else value


Through = Callable[..., Seen]


@pytest.fixture
def through(run: Callable[..., Ran], cloud: str, tmp_path: Path) -> Iterator[Through]:
    """Runs the checks through a network with a fault for each request, None for the true answer."""
    with ExitStack() as stack:

        def through(fault: Callable[[Asked], Fault | None], *arguments: str, env: dict[str, str] | None = None) -> Seen:
            chaos = stack.enter_context(Chaos(cloud, fault))
            evidence = tmp_path / "evidence.jsonl"
            began = time.monotonic()
            options = (f"--endpoint-url={chaos.url}", f"--record={evidence}", *arguments)
            ran = run("checks", "--stage=local", *options, env=env)
            return Seen(ran, chaos, evidence, time.monotonic() - began)

        yield through
