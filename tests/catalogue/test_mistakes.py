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
        r"stages\.local\.account: given 123456789012; allowed: twelve digits in quotes",
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
        r"dead_letter_messages\.above: given \{P3: 10, P2: 0\}; .*a larger bound .*P2 has 0 and P3 has 10",
    ),
    "missing field": ("zae-limiter.yaml", "title:", "titel:", r"title: given nothing; allowed: this field is required"),
    "key twice": ("stages.yaml", "  dev:\n", "  local:\n", r"the file: given .*duplicate key.*each key once"),
    "unknown stage": (
        "zae-limiter.yaml",
        "prod: prod",
        "prdo: prod",
        r"stages\.prdo: .*local, dev, sit, prod \(did you mean 'prod'\?\)",
    ),
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
    "near miss of a reference": (
        "bg-remover.yaml",
        'function: "bg-remover-{stage}-embeddings"',
        'function: "bg-remover-{stage}-embedings"',
        r"activities\[0\]\.function: .*\(did you mean 'bg-remover-\{stage\}-embeddings'\?\)",
    ),
    "role of nobody": (
        "bg-remover.yaml",
        "  data engineer:",
        "  data enginer:",
        r"owners\.data enginer: given 'data enginer'; allowed: a role .*\(did you mean 'data engineer'\?\)",
    ),
    "near miss of an issue class": (
        "stages.yaml",
        "  dynamodb:",
        "  dynamo:",
        r"escalation\.dynamo: given 'dynamo'; .*analytics, dynamodb, functions, security \(did you mean 'dynamodb'\?\)",
    ),
    "missing issue class": (
        "stages.yaml",
        "  dynamodb:",
        "  other:",
        r"escalation: given \"no 'dynamodb'\"; allowed: every issue class: analytics, dynamodb, functions, security",
    ),
    "infinite bound": (
        "stages.yaml",
        "above: {P2: 2}",
        "above: {P2: .inf}",
        r"health_response_seconds\.above\.P2: given inf; allowed: a finite number",
    ),
    "runtime": (
        "bg-remover.yaml",
        "runtime: python3.12, timeout_seconds: 10,",
        "runtime: python, timeout_seconds: 10,",
        r"functions\[0\]\.runtime: given 'python'; allowed: python3\.N, nodejsN\.x, ",
    ),
    "schedule expression": (
        "bg-remover.yaml",
        "rate(15 minutes)",
        "rate(15 minute)",
        r"schedules\[0\]\.expression: given 'rate\(15 minute\)'; allowed: rate\(1 minute\|hour\|day\), ",
    ),
    "window of a metric": (
        "bg-remover.yaml",
        "within_seconds: 93600",
        "within_seconds: 93610",
        r"metrics\[0\]\.within_seconds: given 93610; allowed: whole minutes, in seconds, from 60 to 1296000 \(15 days",
    ),
    "window that is longer than the data is kept": (
        "bg-remover.yaml",
        "within_seconds: 93600",
        "within_seconds: 1296060",
        r"within_seconds: given 1296060; allowed: whole minutes",
    ),
    "percentile of more than a day": (
        "opportunity-analysis.yaml",
        "within_seconds: 900\n      missing: unknown",
        "within_seconds: 90000\n      missing: unknown",
        r"metrics\[0\]\.within_seconds: given 90000; allowed: at most 86400 \(a day\) for p95",
    ),
    "missing-data policy": (
        "product-lambda.yaml",
        "missing: zero",
        "missing: zeros",
        r"metrics\[0\]\.missing: given 'zeros'; allowed: 'zero', 'unknown' or 'fail'",
    ),
    "no missing-data policy": (
        "product-lambda.yaml",
        "      missing: zero\n",
        "",
        r"metrics\[0\]\.missing: given nothing; allowed: this field is required \(What no data point means",
    ),
    "statistic that is not 0 where nothing happened": (
        "product-lambda.yaml",
        "      statistic: Sum\n      within_seconds: 300\n      missing: zero",
        "      statistic: Average\n      within_seconds: 300\n      missing: zero",
        r"metrics\[0\]\.statistic: given 'Average'; allowed: Sum, SampleCount, Maximum, .*another missing than zero",
    ),
    "zero without a dimension that can be proved": (
        "product-lambda.yaml",
        '{ApiName: "product-lambda-{stage}"}',
        '{Stage: "{stage}"}',
        r"metrics\[0\]\.dimensions: given 'Stage'; allowed: one of FunctionName, TableName, QueueName, ApiName, "
        "TopicName: missing: zero needs a resource that proves it",
    ),
    "zero for a resource that is not declared": (
        "product-lambda.yaml",
        '{ApiName: "product-lambda-{stage}"}',
        '{ApiName: "produkt-lambda-{stage}"}',
        r"metrics\[0\]\.dimensions\.ApiName: given 'produkt-lambda-\{stage\}'; allowed: a declared rest_api, .* proof: "
        r"product-lambda-\{stage\} \(did you mean 'product-lambda-\{stage\}'\?\)",
    ),
    "zero for a resource of another region": (
        "product-lambda.yaml",
        "    - name: api-5xx\n",
        "    - name: api-5xx\n      region: dr\n",
        r"metrics\[0\]\.dimensions\.ApiName: .* proof: there is none",
    ),
    "zero for a deployment that is not declared": (
        "product-lambda.yaml",
        '{ApiName: "product-lambda-{stage}"}',
        '{ApiName: "product-lambda-{stage}", Stage: live}',
        r"metrics\[0\]\.dimensions\.Stage: given 'live'; allowed: a declared Stage of that rest_api, .*: \{stage\}",
    ),
    "zero with a dimension that nothing proves": (
        "product-lambda.yaml",
        '{ApiName: "product-lambda-{stage}"}',
        '{ApiName: "product-lambda-{stage}", Method: GTE}',
        r"metrics\[0\]\.dimensions\.Method: given 'GTE'; .* proof: there is none",
    ),
    "metric that claims nothing": (
        "opportunity-analysis.yaml",
        "      limit: {unit: s, above: {P2: 30}}\n",
        "",
        r"metrics\[0\]\.limit: given nothing; allowed: a limit, or missing: fail",
    ),
    "name of the file": (
        "bg-remover.yaml",
        "service: bg-remover",
        "service: other",
        r"service: given 'other'.*'bg-remover'",
    ),
}

MISPLACED = {
    "missing field",
    "region that is none",
    "missing issue class",
    "no missing-data policy",
    "zero for a resource of another region",
    "metric that claims nothing",
}
"""What is missing has no line of its own."""


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
    assert min(abs(found - line) for found in lines) <= 1 or name in MISPLACED, said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{ApiName: "product-lambda-{stage}"}', '{ApiName: "product-lambda-{stage}", Stage: "{stage}"}'),
        ("missing: zero\n", "missing: fail\n"),
        ("statistic: Sum\n      within_seconds: 300", "statistic: Maximum\n      within_seconds: 1296000"),
        (
            'namespace: AWS/ApiGateway\n      metric: 5XXError\n      dimensions: {ApiName: "product-lambda-{stage}"}\n'
            "      statistic: Sum\n      within_seconds",
            'namespace: AWS/Lambda\n      metric: Errors\n      dimensions: {FunctionName: "product-lambda-{stage}"}\n'
            "      region: dr\n      statistic: Sum\n      within_seconds",
        ),
    ],
    ids=["API and its stage", "data that must come", "longest window", "copy in the other region"],
)
def test_metrics_whose_silence_has_a_meaning_are_taken(catalogue: Path, old: str, new: str) -> None:
    """What is proved may be zero, and whoever fails without data needs no proof."""
    edit(catalogue, "product-lambda.yaml", old, new)
    load_catalogue(catalogue)


def test_index_of_a_table_proves_a_metric(catalogue: Path) -> None:
    """A declared index next to its table, and no other."""
    old = 'dimensions: {FunctionName: "zae-limiter-{stage}-aggregator"}\n      statistic: Sum\n      within_seconds'
    for index in ("GSI1", "GSI9"):
        new = (
            f'dimensions: {{TableName: "zae-limiter-{{stage}}", GlobalSecondaryIndexName: {index}}}\n'
            "      statistic: Sum\n      within_seconds"
        )
        edit(catalogue, "zae-limiter.yaml", old, new)
        if index == "GSI1":
            load_catalogue(catalogue)
        old = new
    with pytest.raises(CatalogueError, match=r"GlobalSecondaryIndexName: given 'GSI9'; .* proof: GSI1, GSI2"):
        load_catalogue(catalogue)


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


def test_a_runbook_needs_a_heading(catalogue: Path) -> None:
    """Incidents link to headings."""
    (catalogue / "runbooks" / "bg-remover.md").write_text("Call somebody.\n#not one\n")
    with pytest.raises(CatalogueError, match=r"bg-remover\.yaml:4: runbook: .*; allowed: a file with headings"):
        load_catalogue(catalogue)


@pytest.mark.parametrize(("name", "suffix"), [("photo.yml", ".yml"), ("photo.YAML", ".YAML"), ("stages.yml", ".yml")])
def test_a_file_that_would_not_be_read_is_a_mistake(catalogue: Path, name: str, suffix: str) -> None:
    """Otherwise its service would never be verified, and nobody told."""
    (catalogue / "services" / name).write_text("service: photo\n")
    with pytest.raises(CatalogueError, match=rf"services/{name}:1: .*given '{suffix}'; allowed: \.yaml$"):
        load_catalogue(catalogue)


def test_a_mistake_is_a_usage_error_before_anything_runs(project: Project) -> None:
    """Exit code 4, the mistakes on the terminal, no check run."""
    edit(project.path, "bg-remover.yaml", "  buckets:", "  bukets:")
    ran = project.run()
    assert ran.code == 4
    assert "services/bg-remover.yaml:" in ran.output
    assert "Traceback" not in ran.output
    assert not (ran.reports / "report.json").exists()
