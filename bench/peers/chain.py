"""The longest chain of calls of which each needs an id that only the one before it tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fixtures.catalogue import load_catalogue
from fixtures.catalogue.expansion import texts
from peers.record import Record


def longest_chain(record: Record, root: Path, stage: str) -> int:
    """How many calls follow on one another at the most, however many are made at a time."""
    catalogue = load_catalogue(root)
    declared = {one.name for one in catalogue.declared([stage])} | {catalogue.stages[stage].account}
    told = {key: set(_texts(value)) for key, (_, value) in record.seen.items()}
    needs = {key: set(_unknown(fact.get("parameters", {}), declared)) for key, fact in record.facts.items()}

    def depth(key: str, seen: tuple[str, ...] = ()) -> int:
        before = [other for other in told if other not in (key, *seen) and needs[key] & told[other]]
        return 1 + max((depth(other, (*seen, key)) for other in before), default=0)

    return max(map(depth, record.facts))


def _unknown(parameters: Any, declared: Iterable[str]) -> Iterator[str]:
    """Texts among the parameters that no name of the catalogue explains, so that somebody has to tell them."""
    for text in _texts(parameters):
        if len(text) > 4 and not any(name in text or text in name for name in declared):
            yield text


def _texts(value: Any) -> Iterator[str]:
    for _, text in texts(value):
        yield text
