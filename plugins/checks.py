"""What each collected item is as a check, and the order checks run in."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Generator
from difflib import get_close_matches
from pathlib import PurePosixPath

import pytest

from fixtures.catalogue import Declared, Severity
from fixtures.nouns import NOUNS, stands_for
from fixtures.selection import SELECTION, Selection
from plugins.findings import Check
from plugins.links import leads_somewhere

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
    missing = [
        *_wrong_place(metafunc),
        *_wrong_kind(metafunc),
        *_missing_noun(metafunc),
        *_missing_severity(metafunc),
        *_missing_docstring(metafunc),
        *_broken_links(metafunc),
    ]
    if missing:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid} {'; it '.join(missing)}")


def _wrong_place(metafunc: pytest.Metafunc) -> list[str]:
    if _folder(metafunc.definition):
        return []
    return [f"lies in no folder of checks: move it to one of {', '.join(FOLDERS)} under checks/"]


def _wrong_kind(metafunc: pytest.Metafunc) -> list[str]:
    is_async = inspect.iscoroutinefunction(metafunc.function) or inspect.isasyncgenfunction(metafunc.function)
    return ["is async: a check is a plain function"] if is_async else []


def _missing_noun(metafunc: pytest.Metafunc) -> list[str]:
    if any(noun in metafunc.fixturenames for noun in NOUNS):
        return []
    given = [name for name in inspect.signature(metafunc.function).parameters if name != "self"]
    near = [match for name in given for match in get_close_matches(name, NOUNS, 1, 0.5)]
    meant = f" (given {', '.join(given)}{f'; did you mean {near[0]}?' if near else ''})" if given else ""
    return [f"asks for no resource{meant}: take one of these as an argument: {', '.join(sorted(NOUNS))}"]


def _broken_links(metafunc: pytest.Metafunc) -> list[str]:
    """Runbook places that lead nowhere."""
    config = metafunc.config
    nouns = [noun for noun in NOUNS if noun in metafunc.fixturenames]
    resources = [declared for declared in config.stash[SELECTION].resources if nouns and stands_for(nouns[0], declared)]
    links = sorted({_runbook(metafunc.definition, declared) for declared in resources})
    broken = [link for link in links if not leads_somewhere(config.rootpath, link)]
    return [f"links to {broken[0]}, where there is no such heading"] if broken else []


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
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep what is selected now that nobody takes anything away any more."""
    if SELECTION in session.config.stash:
        session.config.stash[CHECKS] = [item.stash[CHECK] for item in session.items if CHECK in item.stash]


def _describe(item: pytest.Item, selection: Selection) -> Check:
    declared = _declared(item)
    severity = item.get_closest_marker("severity")
    assert severity is not None, "checked when the item was generated"
    title = (getattr(item, "function").__doc__ or "").strip().split("\n\n")[0]
    return Check(
        id=item.nodeid,
        check=sys.intern(item.nodeid.split("[")[0]),
        title=sys.intern(" ".join(title.split())),
        kind=_folder(item) or "other",
        service=declared.service,
        stage=declared.stage,
        account=declared.account,
        region=declared.region,
        resource=declared.name,
        resource_key=declared.key,
        noun=declared.kind.replace("_", " "),
        issue_class=declared.declaration.issue_class,
        severity=severity.args[0],
        cap=selection.catalogue.stages[declared.stage].severity_cap.value,
        runbook=sys.intern(_runbook(item, declared)),
        says_existence=item.get_closest_marker("existence") is not None,
        file=item.location[0],
        line=(item.location[1] or 0) + 1,
    )


def _declared(item: pytest.Item) -> Declared:
    values = getattr(item, "callspec").params.values()
    return next(value for value in values if isinstance(value, Declared))


def _folder(item: pytest.Item) -> str | None:
    """The folder of checks that an item lies in; its kind, and its marker."""
    parts = PurePosixPath(item.nodeid.split("::")[0]).parts
    return next((part for part in parts[:-1] if part in FOLDERS), None)


def _runbook(item: pytest.Item, declared: Declared) -> str:
    marker = item.get_closest_marker("runbook")
    place = str(marker.args[0]) if marker and marker.args else ""
    return f"{declared.runbook}{place}" if place.startswith("#") or not place else f"runbooks/{place}"
