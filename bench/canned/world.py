"""What the catalogue declares on one stage, in the order in which the endpoint has to find it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fixtures.catalogue import Declared, load_catalogue


class World:
    """Declared resources by kind, region and name."""

    def __init__(self, declared: Iterable[Declared], account: str) -> None:
        self.account = account
        self._kinds: defaultdict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
        self.lines: set[tuple[str, str]] = set()
        """Log group and filter pattern of every activity."""
        for one in sorted(declared, key=lambda one: one.name):
            self._kinds[one.kind, one.region][one.name] = one.declaration
            if one.kind == "activity":
                self.lines.add((f"/aws/lambda/{one.declaration.function}", one.declaration.pattern))

    @classmethod
    def of(cls, root: Path, stage: str) -> World:
        """The world of a stage, from ``services/*.yaml`` under the project's root."""
        catalogue = load_catalogue(root)
        return cls(catalogue.declared([stage]), catalogue.stages[stage].account)

    def all(self, kind: str, region: str) -> list[Any]:
        """Declarations of a kind in a region, sorted by name as AWS lists them."""
        return list(self._kinds[kind, region].values())

    def everywhere(self, kind: str) -> list[Any]:
        """Declarations of a kind that an account has once, whatever the region."""
        return [one for found, region in sorted(self._kinds) if found == kind for one in self.all(kind, region)]

    def get(self, kind: str, region: str, name: str) -> Any | None:
        """One declaration, None where it is not declared."""
        return self._kinds[kind, region].get(name)

    def arn(self, service: str, region: str, rest: str) -> str:
        """An ARN in the stage's account."""
        return f"arn:aws:{service}:{region}:{self.account}:{rest}"
