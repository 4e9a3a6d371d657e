"""A mistake in the catalogue is a usage error that names file, line, field, what was given and what is allowed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.catalogue import CatalogueError, load_catalogue
from tests.conftest import ROOT, Project

Edit = Callable[[str, str, str], None]


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "services", tmp_path / "services")
    shutil.copytree(ROOT / "runbooks", tmp_path / "runbooks")
    return tmp_path


def edit(root: Path, file: str, old: str, new: str) -> int:
    """Replace the first occurrence; gives the line it is on."""
    path = root / "services" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


MISTAKES = {
    "unknown key": (
        "bg-remover.yaml",
        "dead_letter: true",
        "dead_leter: true",
        r"resources\.queues\[1\]\.dead_leter: given 'dead_leter'; allowed: dead_letter, .*did you mean 'dead_letter'\?",
    ),
    "unknown kind": ("bg-remover.yaml", "  buckets:", "  bukets:", r"resources\.bukets: .*did you mean 'buckets'\?"),
    "wrong type": (
        "bg-remover.yaml",
        "timeout_seconds: 10,",
        "timeout_seconds: ten,",
        r"resources\.functions\[0\]\.timeout_seconds: given 'ten'; allowed: a valid integer",
    ),
    "over the service's own limit": (
        "bg-remover.yaml",
        "timeout_seconds: 900",
        "timeout_seconds: 901",
        r"timeout_seconds: given 901; allowed: less than or equal to 900",
    ),
    "unquoted account": (
        "stages.yaml",
        '"123456789012"',
        "123456789012",
        r"stages\.local\.account: given 123456789012; ",
    ),
    "unknown severity": (
        "stages.yaml",
        "severity_cap: P3",
        "severity_cap: P5",
        r"severity_cap: given 'P5'; allowed: 'P1'",
    ),
    "tiers the wrong way round": (
        "stages.yaml",
        "{P3: 0, P2: 10}",
        "{P3: 10, P2: 0}",
        r"dead_letter_messages: .*a worse severity needs a larger bound",
    ),
    "missing field": ("zae-limiter.yaml", "title:", "titel:", r"title: given nothing; allowed: this field is required"),
    "key twice": ("stages.yaml", "  dev:\n", "  local:\n", r"the file: given .*duplicate key.*each key once"),
    "unknown stage": ("zae-limiter.yaml", "prod: prod", "prdo: prod", r"stages\.prdo: .*local, dev, sit, prod"),
    "unknown placeholder": (
        "zae-limiter.yaml",
        '"zae-limiter-{stage}-audit',
        '"zae-limiter-{satge}-audit',
        r"\{stage\}",
    ),
    "queue that is none": (
        "bg-remover.yaml",
        'dead_letter_queue: "bg-remover-{stage}-dlq"',
        'dead_letter_queue: "bg-remover-{stage}-gone"',
        r"dead_letter_queue: given 'bg-remover-\{stage\}-gone'; allowed: a declared queue with dead_letter: true",
    ),
    "name twice": (
        "bg-remover.yaml",
        "bg-remover-{stage}-validation-schedule",
        "bg-remover-{stage}-s3-export-schedule",
        r"schedules\[1\]\.name: .*a name that no other schedule here has",
    ),
    "region that is none": ("product-lambda.yaml", ", dr: eu-west-1}", "}", r"region: given 'dr'; allowed: primary"),
    "runbook that is none": (
        "bg-remover.yaml",
        "runbooks/bg-remover.md",
        "runbooks/none.md",
        r"runbook: .*a file that exists",
    ),
    "name of the file": (
        "bg-remover.yaml",
        "service: bg-remover",
        "service: other",
        r"service: given 'other'.*'bg-remover'",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_names_file_line_field_given_and_allowed(catalogue: Path, name: str) -> None:
    """Every kind of mistake is found before anything runs, at the line it is on."""
    file, old, new, message = MISTAKES[name]
    line = edit(catalogue, file, old, new)
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(catalogue)
    said = str(raised.value)
    assert re.search(message, said), said
    lines = [int(found) for found in re.findall(rf"services/{file}:(\d+): ", said)]
    assert lines, said
    assert min(abs(found - line) for found in lines) <= 1 or name in {"missing field", "region that is none"}, said


def test_all_mistakes_of_all_files_are_said_at_once(catalogue: Path) -> None:
    """Nobody has to mend one to see the next."""
    edit(catalogue, "bg-remover.yaml", "  buckets:", "  bukets:")
    edit(catalogue, "zae-limiter.yaml", "  buckets:", "  bukets:")
    edit(catalogue, "product-lambda.yaml", "  buckets:", "  bukets:")
    with pytest.raises(CatalogueError) as raised:
        load_catalogue(catalogue)
    assert {mistake.file for mistake in raised.value.mistakes} >= {
        "services/bg-remover.yaml",
        "services/product-lambda.yaml",
        "services/zae-limiter.yaml",
    }


def test_a_mistake_is_a_usage_error_before_anything_runs(project: Project) -> None:
    """Exit code 4, the mistakes on the terminal, no check run."""
    edit(project.path, "bg-remover.yaml", "  buckets:", "  bukets:")
    ran = project.run()
    assert ran.code == 4
    assert "services/bg-remover.yaml:" in ran.output
    assert "Traceback" not in ran.output
    assert not (ran.reports / "report.json").exists()
