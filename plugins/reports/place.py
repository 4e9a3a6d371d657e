"""Where reports go, and how they get there whole."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from fixtures.selection import verifies

REPORTS = ("report.html", "junit.xml", "report.json", "summary.md")
STAGE = re.compile(r"[a-z0-9-]+")


def report_dir(config: pytest.Config) -> Path:
    """The folder of this run's reports: ``--report-dir``, or ``reports/`` and the stages' names."""
    given: str | None = config.getoption("report_dir")
    if given:
        return Path(given).absolute()
    return config.rootpath / "reports" / "+".join(dict.fromkeys(config.getoption("stage")))


def writes_reports(config: pytest.Config) -> bool:
    """Whether this process writes the run's reports."""
    return verifies(config) and not hasattr(config, "workerinput")


def remove_old_reports(config: pytest.Config) -> None:
    """Remove the reports of an earlier run first: if this one cannot begin, an old GO must not be taken for its answer.

    Raises:
        pytest.UsageError: where they cannot be removed.
    """
    only_lists = config.option.collectonly or config.option.emit_iam_policy
    if hasattr(config, "workerinput") or only_lists or not _names_a_place(config):
        return
    folder = report_dir(config)
    named = filter(None, (config.option.xmlpath, getattr(config.option, "htmlpath", None)))
    try:
        for path in [*(folder / name for name in REPORTS), *map(Path, named)]:
            if path.is_file():
                path.unlink()
    except OSError as error:
        raise pytest.UsageError(f"{error.filename} cannot be written to ({error.strerror}); name another") from None


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder.

    Raises:
        pytest.UsageError: where it cannot be made or written to.
    """
    if not writes_reports(config):
        return
    folder = report_dir(config)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise pytest.UsageError(f"--report-dir: {folder} cannot be made ({error.strerror}); name another") from None
    if not os.access(folder, os.W_OK):
        raise pytest.UsageError(f"--report-dir: {folder} cannot be written to (not allowed); name another")


def write_whole(path: Path, pieces: Iterable[str]) -> None:
    """Write a file so that a reader sees all of it or nothing."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
    os.replace(unfinished, path)


def _names_a_place(config: pytest.Config) -> bool:
    """Whether the options, not checked yet, can mean a folder of reports and no other."""
    stages: list[str] = config.getoption("stage")
    return bool(config.getoption("report_dir")) or bool(stages and all(map(STAGE.fullmatch, stages)))
