"""A pytest suite as people write it: a test a check, which makes its own clients and asks, one call after the other.

It runs outside the project. ``BENCH_READS`` is the file with the facts of each check, ``BENCH_ENDPOINT`` what to ask,
``BENCH_ANSWERS`` the folder that the answers go to, so that they can be compared.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.reading import kept_clients, new_clients, read

READS: dict[str, list[dict[str, Any]]] = json.loads(Path(os.environ["BENCH_READS"]).read_text())
ENDPOINT = os.environ["BENCH_ENDPOINT"]


@pytest.fixture(scope="session")
def answers() -> Iterator[list[tuple[dict[str, Any], Any]]]:
    seen: list[tuple[dict[str, Any], Any]] = []
    yield seen
    Path(os.environ["BENCH_ANSWERS"], f"{os.getpid()}.json").write_text(json.dumps(seen, default=str))


@pytest.mark.parametrize("check", READS)
def test_check(check: str, answers: list[tuple[dict[str, Any], Any]]) -> None:
    clients = kept_clients(new_clients(ENDPOINT))
    for fact in READS[check]:
        answer = read(fact, clients, ENDPOINT)
        assert answer
        answers.append((fact, answer))
