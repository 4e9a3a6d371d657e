"""JUnit XML by pytest's own writer, at the run's place."""

from __future__ import annotations

import pytest

from plugins.reports.place import report_dir, writes_reports


def pytest_configure(config: pytest.Config) -> None:
    """Have pytest write ``junit.xml``, unless the command line already names a file."""
    if writes_reports(config) and not config.option.xmlpath:
        config.option.xmlpath = str(report_dir(config) / "junit.xml")
