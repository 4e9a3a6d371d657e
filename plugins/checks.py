"""What each collected item is as a check, and the order checks run in."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import PurePosixPath

import pytest

from fixtures.catalogue import Declared, Severity
from fixtures.nouns import NOUNS
from fixtures.selection import SELECTION, Selection
from plugins.findings import Check

CHECK = pytest.StashKey[Check]()
"""On an item: what it is."""

CHECKS = pytest.StashKey[list[Check]]()
"""On the config: every selected check, in the order they run."""

FOLDERS = ("smoke", "consistency", "cost", "recovery", "alerting", "configuration", "performance", "runbooks")

MARKERS = (
    "severity(name): P1 to P4; the worst a failure of this check can be, and what it counts as when it could not look.",
    "runbook(place): '#anchor' in the service's runbook, or 'file.md#anchor' under runbooks/.",
    "existence: says that the resource exists; when it does not, that explains the other checks on it.",
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers of checks."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    for folder in FOLDERS:
        config.addinivalue_line("markers", f"{folder}: every check in checks/{folder}/.")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse a check that could not be reported properly.

    Raises:
        pytest.Collector.CollectError: with what is missing and how to add it.
    """
    if SELECTION not in metafunc.config.stash:
        return
    missing = [*_missing_noun(metafunc.fixturenames), *_missing_severity(metafunc), *_missing_docstring(metafunc)]
    if missing:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid} {'; it '.join(missing)}")


def _missing_noun(fixturenames: Sequence[str]) -> list[str]:
    if any(noun in fixturenames for noun in NOUNS):
        return []
    return [f"asks for no resource: take one of these as an argument: {', '.join(sorted(NOUNS))}"]


def _missing_severity(metafunc: pytest.Metafunc) -> list[str]:
    marker = metafunc.definition.get_closest_marker("severity")
    given = marker.args[0] if marker and marker.args else None
    if given in set(Severity):
        return []
    return [f"has severity {given!r}: mark it with @pytest.mark.severity and one of {', '.join(Severity)}"]


def _missing_docstring(metafunc: pytest.Metafunc) -> list[str]:
    said = (metafunc.function.__doc__ or "").strip()
    return [] if said else ["has no docstring: say the healthy state in a sentence"]


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Give an item the marker of its folder, before ``-m`` selects."""
    folder = _folder(item)
    if folder:
        item.add_marker(folder)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, object, object]:
    """Describe what is left after every selection; run what says that a resource exists before what needs it."""
    result = yield
    selection = config.stash.get(SELECTION, None)
    if selection is None:
        return result
    for item in items:
        item.stash[CHECK] = check = _describe(item, selection)
        item.user_properties += [
            ("severity", Severity(check.severity).capped(Severity(check.cap)).value),
            ("service", check.service),
            ("stage", check.stage),
            ("runbook", check.runbook),
        ]
    items.sort(key=lambda item: not item.stash[CHECK].says_existence)
    config.stash[CHECKS] = [item.stash[CHECK] for item in items]
    return result


def _describe(item: pytest.Item, selection: Selection) -> Check:
    declared = _declared(item)
    severity = item.get_closest_marker("severity")
    assert severity is not None, "checked when the item was generated"
    title = (getattr(item, "function").__doc__ or "").strip().split("\n\n")[0]
    return Check(
        id=item.nodeid,
        check=item.nodeid.split("[")[0],
        title=" ".join(title.split()),
        kind=_folder(item) or "other",
        service=declared.service,
        stage=declared.stage,
        account=declared.account,
        region=declared.region,
        resource=declared.name,
        resource_key=declared.key,
        issue_class=declared.declaration.issue_class,
        severity=severity.args[0],
        cap=selection.catalogue.stages[declared.stage].severity_cap.value,
        runbook=_runbook(item, declared),
        says_existence=item.get_closest_marker("existence") is not None,
        file=item.location[0],
        line=(item.location[1] or 0) + 1,
    )


def _declared(item: pytest.Item) -> Declared:
    values = getattr(item, "callspec").params.values()
    return next(value for value in values if isinstance(value, Declared))


def _folder(item: pytest.Item) -> str | None:
    parts = PurePosixPath(item.nodeid.split("::")[0]).parts
    return next((part for part in parts[:-1] if part in FOLDERS), None)


def _runbook(item: pytest.Item, declared: Declared) -> str:
    marker = item.get_closest_marker("runbook")
    place = str(marker.args[0]) if marker and marker.args else ""
    return f"{declared.runbook}{place}" if place.startswith("#") or not place else f"runbooks/{place}"
