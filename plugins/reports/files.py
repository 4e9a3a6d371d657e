"""``report.json`` and ``summary.md``, written when the run ends, however it ends."""

from __future__ import annotations

import pytest

from plugins.reports.model import written
from plugins.reports.place import report_dir, write_whole, writes_reports
from plugins.reports.summary import summary_of
from plugins.run import CONCLUSION


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write both."""
    if not writes_reports(session.config) or CONCLUSION not in session.config.stash:
        return
    conclusion = session.config.stash[CONCLUSION]
    folder = report_dir(session.config)
    write_whole(folder / "report.json", written(conclusion))
    write_whole(folder / "summary.md", [summary_of(conclusion)])
