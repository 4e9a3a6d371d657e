"""HTML by pytest-html, through its hooks: verdict and incidents on top, a row a check with severity and service.

pytest-html puts what its hooks are given into the page as it is, so everything here is escaped first.
"""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader

from plugins.findings import Outcome
from plugins.reports.place import report_dir, writes_reports
from plugins.reports.wording import verdict_line
from plugins.run import CONCLUSION

MOST_PASSED = 5_000
"""How many passed checks have a row. A browser cannot show tens of thousands, and nobody would read them."""

TEMPLATES = Path(__file__).parent / "templates"


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest-html write one file that needs no other, unless the command line already names a file."""
    if not writes_reports(config):
        return
    config.pluginmanager.register(_Page(), "page")
    if not config.getoption("htmlpath", None):
        config.option.htmlpath = str(report_dir(config) / "report.html")
        config.option.self_contained_html = True
        config.option.css = [*config.option.css, str(TEMPLATES / "report.css")]


@pytest.hookimpl(optionalhook=True)
def pytest_metadata(metadata: dict[str, Any]) -> None:
    """Keep out of the report what the environment holds: a CI's variables may be secret."""
    for name in set(metadata) - {"Python", "Platform"}:
        del metadata[name]


@pytest.hookimpl(optionalhook=True)
def pytest_html_report_title(report: Any) -> None:
    """Name the page after what it is."""
    report.title = "Operational verification"


class _Page:
    """The summary on top and the rows below it."""

    def __init__(self) -> None:
        self._passed = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str], session: pytest.Session) -> None:
        """Verdict and incidents on top."""
        conclusion = session.config.stash.get(CONCLUSION, None)
        if conclusion is None:
            return
        environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
        prefix.append(
            environment.get_template("summary.html").render(
                conclusion=conclusion,
                line=verdict_line(conclusion),
                root=os.path.relpath(session.config.rootpath, report_dir(session.config)),
                unknown=conclusion.of(Outcome.UNKNOWN),
                inhibited=conclusion.of(Outcome.INHIBITED),
                left_out=max(0, self._passed - MOST_PASSED),
            )
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Fill the columns; a row without cells is left out."""
        plain = getattr(report, "finding", None)
        if plain is not None and plain["outcome"] == Outcome.PASSED:
            self._passed += 1
            if self._passed > MOST_PASSED:
                cells.clear()
                return
        _fill(cells, report, plain)


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_header(cells: list[str]) -> None:
    """Columns for outcome, severity and service; links go, there are none."""
    cells[1:] = [
        '<th class="sortable" data-column-type="outcome">Outcome</th>',
        '<th class="sortable" data-column-type="severity">Severity</th>',
        '<th class="sortable" data-column-type="service">Service</th>',
        '<th class="sortable" data-column-type="testId">Check</th>',
        '<th class="sortable" data-column-type="duration">Duration</th>',
    ]


def _fill(cells: list[str], report: pytest.TestReport, plain: dict[str, Any] | None) -> None:
    result, duration = cells[0], cells[2]
    outcome = severity = service = ""
    if plain is not None:
        outcome, severity, service = plain["outcome"], plain["severity"] or "", plain["check"]["service"]
    cells[:] = [
        result,
        f'<td class="col-outcome">{escape(outcome)}</td>',
        f'<td class="col-severity">{escape(severity)}</td>',
        f'<td class="col-service">{escape(service)}</td>',
        f'<td class="col-testId">{escape(report.nodeid)}</td>',
        duration,
    ]


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_html(report: pytest.TestReport, data: list[str]) -> None:
    """Say in the row's details what was claimed and seen. pytest-html has escaped what is already there."""
    plain = getattr(report, "finding", None)
    if plain is not None and plain["outcome"] == Outcome.PASSED:
        data[:] = [escape(plain["check"]["title"])]
