"""Which facts each check reads, and what the suite saw: from the record of one run of the suite itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fixtures.aws.health import HealthAnswer
from fixtures.evidence.lines import fact_of

Fact = dict[str, Any]
"""A request: ``kind`` is ``aws`` or ``health``; the other fields are the request's own."""


def key_of(fact: Fact) -> str:
    """The same for the same fact."""
    return json.dumps(fact, sort_keys=True)


@dataclass(frozen=True)
class Record:
    """One run of the suite."""

    facts: dict[str, Fact]
    """Every distinct fact, by its key."""
    seen: dict[str, tuple[str, Any]]
    """State and value, by the fact's key."""
    checks: dict[str, list[str]]
    """Check id to the keys of the facts it read."""

    @classmethod
    def load(cls, path: Path, stage: str, account: str) -> Record:
        """Read what ``pytest checks/ --record FILE`` wrote; a record has a name in place of the stage's account."""
        text = path.read_text().replace(f"<account of {stage}>", account)
        lines = [json.loads(line) for line in text.splitlines()]
        facts, seen, names = {}, {}, {}
        for line in (line for line in lines if "fact" in line):
            request, observation = fact_of(line)
            names[request.key] = key = key_of(line["fact"])
            facts[key], seen[key] = line["fact"], (line["state"], _plain(observation.value))
        checks = {line["check"]: [names[key] for key in line["facts"]] for line in lines if "check" in line}
        return cls(facts, seen, checks)

    def save_reads(self, path: Path) -> None:
        """Write the checks and their facts for the plain peers: a list of facts a check."""
        path.write_text(json.dumps({check: [self.facts[key] for key in keys] for check, keys in self.checks.items()}))


def _plain(value: Any) -> Any:
    """A value as other readers have it: text, numbers, lists and mappings."""
    if isinstance(value, HealthAnswer):
        return asdict(value)
    return json.loads(json.dumps(value, default=str))
