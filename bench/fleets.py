"""Generated catalogues: a project with as many services as asked for, small ones, and a richer one among every ten."""

from __future__ import annotations

import shutil
from pathlib import Path

RICH_EVERY = 10
"""Every so many services one declares every kind of resource, at every size of the fleet alike."""

SMALL = """\
service: NAME
title: "A small service of a generated fleet"
runbook: runbooks/fleet.md
owners:
  service owner: fleet
stages: {local: local}
regions: {primary: eu-west-1}

resources:
  health_endpoints:
    - {name: health, url: "https://NAME.{stage}.example.com/health"}

  functions:
    - {name: "NAME-{stage}-worker", runtime: python3.12, timeout_seconds: 60, alias: live}

  queues:
    - {name: "NAME-{stage}-jobs", dead_letter_queue: "NAME-{stage}-jobs-dlq"}
    - {name: "NAME-{stage}-jobs-dlq", dead_letter: true}

  topics:
    - {name: "NAME-{stage}-alerts", subscribers: [email]}

  activities:
    - name: job-finished
      function: "NAME-{stage}-worker"
      pattern: '"job finished"'
      sample: "job finished items=12"
      every_seconds: 60
      silence: {unit: s, above: {P3: 900, P2: 3600}}

  alarms:
    - name: "NAME-{stage}-errors"
      namespace: AWS/Lambda
      metric: Errors
      dimensions: {FunctionName: "NAME-{stage}-worker"}
      statistic: Sum
      period_seconds: 300
      above: 5
      topic: "NAME-{stage}-alerts"
    - name: "NAME-{stage}-dlq-depth"
      namespace: AWS/SQS
      metric: ApproximateNumberOfMessagesVisible
      dimensions: {QueueName: "NAME-{stage}-jobs-dlq"}
      statistic: Maximum
      period_seconds: 300
      above: 10
      topic: "NAME-{stage}-alerts"

  metrics:
    - name: worker-throttles
      namespace: AWS/Lambda
      metric: Throttles
      dimensions: {FunctionName: "NAME-{stage}-worker"}
      statistic: Sum
      within_seconds: 900
      missing: zero
      limit: {unit: throttles, above: {P3: 0}}

  roles:
    - {name: "NAME-{stage}-worker", trusted: lambda.amazonaws.com}

  tables:
    - name: "NAME-{stage}"
      partition_key: PK
      sort_key: SK
      indexes:
        - {name: GSI1, partition_key: GSI1PK, sort_key: GSI1SK}
"""

RICH = """\
      stream: true

  event_sources:
    - {name: "NAME-{stage}-stream", table: "NAME-{stage}", function: "NAME-{stage}-worker"}

  troubles:
    - name: worker-errors
      function: "NAME-{stage}-worker"
      pattern: "?ERROR ?Traceback"
      within_seconds: 300
      lines: {unit: lines, above: {P2: 5}}

  buckets:
    - {name: "NAME-{stage}-{account}"}

  stacks:
    - {name: "NAME-{stage}"}

  schedules:
    - {name: "NAME-{stage}-nightly", expression: cron(0 2 * * ? *), target: "NAME-{stage}-worker"}

  dashboards:
    - {name: "NAME-{stage}", widgets: [overview]}

  secrets:
    - {name: NAME/on-call-contacts}

  rest_apis:
    - {name: "NAME-{stage}", deployment: "{stage}"}

  health_checks:
    - {name: "NAME-{stage}-api", host: "NAME.{stage}.example.com", path: /health}

  iceberg_tables:
    - {name: history, database: "NAME_{stage}", bucket: "NAME-{stage}-{account}"}
"""


def write_project(folder: Path, root: Path, services: int) -> None:
    """A project in ``folder``: the checks and settings of the one under ``root``, with a catalogue of its own."""
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(root / name, folder / name)
    shutil.copytree(root / "checks", folder / "checks", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("services", "runbooks"):
        (folder / name).mkdir()
    shutil.copy(root / "services" / "stages.yaml", folder / "services" / "stages.yaml")
    _write_runbook(folder / "runbooks" / "fleet.md", root)
    for number in range(services):
        name = f"fleet-{number:04d}"
        text = SMALL + (RICH if number % RICH_EVERY == 0 else "")
        (folder / "services" / f"{name}.yaml").write_text(text.replace("NAME", name))


def _write_runbook(path: Path, root: Path) -> None:
    """One runbook with every heading that checks link to."""
    pages = sorted((root / "runbooks").glob("*.md"))
    path.write_text("\n\n".join(page.read_text() for page in pages))
