"""Every smoke check turns to the right outcome and severity under its fault, and no other check does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from fixtures.catalogue import load_catalogue
from fixtures.embedded.faults import FAULTS
from tests.conftest import ROOT, Ran

OUTCOMES = ("failed", "unknown")

EXPECTED: dict[str, dict[str, str]] = {
    "account-switched": {
        f"test_credentials_belong_to_the_account[local:{service}:account-123456789012]": "failed P1"
        for service in load_catalogue(ROOT).services
    },
    "activity-paused": {
        "test_activity_is_recent[local:bg-remover:embedding-generated]": "failed P3",
    },
    "activity-stopped": {
        "test_activity_is_recent[local:bg-remover:export-finished]": "failed P2",
    },
    "alarm-deleted": {
        "test_alarm_actions_are_enabled[local:bg-remover:bg-remover-local-validator-errors]": "inhibited",
        "test_alarm_exists[local:bg-remover:bg-remover-local-validator-errors]": "failed P3",
        "test_alarm_is_not_firing[local:bg-remover:bg-remover-local-validator-errors]": "inhibited",
        "test_alarm_sees_data[local:bg-remover:bg-remover-local-validator-errors]": "inhibited",
    },
    "alarm-firing": {
        "test_alarm_is_not_firing[local:bg-remover:bg-remover-local-dlq-depth]": "failed P2",
    },
    "alarm-muted": {
        "test_alarm_actions_are_enabled[local:product-lambda:product-lambda-local-errors]": "failed P3",
    },
    "alarm-without-actions": {
        "test_alarm_actions_are_enabled[local:product-lambda:product-lambda-local-latency]": "failed P3",
    },
    "alarm-without-data": {
        "test_alarm_sees_data[local:opportunity-analysis:aws-opportunity-analysis-local-response-time]": "failed P3",
    },
    "alias-deleted": {
        "test_alias_serves_a_published_version[local:product-lambda:product-lambda-local@eu-west-1]": "failed P1",
    },
    "bucket-deleted": {
        "test_bucket_exists[local:opportunity-analysis:opportunity-analysis-backup-local-123456789012]": "failed P2",
    },
    "dashboard-deleted": {
        "test_dashboard_exists[local:bg-remover:bg-remover-local-overview]": "failed P4",
    },
    "dlq-backlog": {
        "test_dead_letter_queue_is_empty[local:bg-remover:bg-remover-local-dlq]": "failed P2",
    },
    "dlq-deleted": {
        "test_dead_letter_queue_exists[local:bg-remover:bg-remover-local-dlq]": "failed P2",
        "test_dead_letter_queue_is_empty[local:bg-remover:bg-remover-local-dlq]": "inhibited",
    },
    "dlq-message": {
        "test_dead_letter_queue_is_empty[local:zae-limiter:zae-limiter-local-aggregator-dlq]": "failed P3",
    },
    "event-source-deleted": {
        "test_event_source_exists[local:zae-limiter:zae-limiter-local-stream]": "failed P2",
        "test_event_source_is_enabled[local:zae-limiter:zae-limiter-local-stream]": "inhibited",
        "test_event_source_last_batch_succeeded[local:zae-limiter:zae-limiter-local-stream]": "inhibited",
        "test_stream_lag_is_within_limit[local:zae-limiter:zae-limiter-local-stream]": "inhibited",
    },
    "event-source-disabled": {
        "test_event_source_is_enabled[local:zae-limiter:zae-limiter-local-stream]": "failed P2",
    },
    "event-source-failing": {
        "test_event_source_last_batch_succeeded[local:zae-limiter:zae-limiter-local-stream]": "failed P2",
    },
    "event-source-stale": {
        "test_event_source_exists[local:zae-limiter:zae-limiter-local-stream]": "failed P2",
        "test_event_source_is_enabled[local:zae-limiter:zae-limiter-local-stream]": "inhibited",
        "test_event_source_last_batch_succeeded[local:zae-limiter:zae-limiter-local-stream]": "inhibited",
        "test_stream_lag_is_within_limit[local:zae-limiter:zae-limiter-local-stream]": "inhibited",
    },
    "function-deleted": {
        "test_alias_serves_a_published_version[local:bg-remover:bg-remover-local-embeddings]": "inhibited",
        "test_function_errors_are_few[local:bg-remover:bg-remover-local-embeddings]": "inhibited",
        "test_function_exists[local:bg-remover:bg-remover-local-embeddings]": "failed P1",
        "test_function_is_active[local:bg-remover:bg-remover-local-embeddings]": "inhibited",
        "test_function_is_not_switched_off[local:bg-remover:bg-remover-local-embeddings]": "inhibited",
        "test_function_runs_what_was_deployed[local:bg-remover:bg-remover-local-embeddings]": "inhibited",
    },
    "function-errors": {
        "test_function_errors_are_few[local:bg-remover:bg-remover-local-embeddings]": "failed P2",
    },
    "function-failed": {
        "test_function_is_active[local:bg-remover:bg-remover-local-embeddings]": "failed P1",
    },
    "function-switched-off": {
        "test_function_is_not_switched_off[local:opportunity-analysis:opportunity-analysis-local-analysis]": "failed P1",
    },
    "function-throttled": {
        "test_metric_is_within_limit[local:zae-limiter:aggregator-throttles]": "failed P3",
    },
    "function-update-failed": {
        "test_function_runs_what_was_deployed[local:product-lambda:product-lambda-local]": "failed P2",
    },
    "health-check-deleted": {
        "test_health_check_exists[local:product-lambda:product-lambda-local-api]": "failed P2",
        "test_health_check_sees_the_api_healthy[local:product-lambda:product-lambda-local-api]": "inhibited",
    },
    "health-check-failing": {
        "test_health_check_sees_the_api_healthy[local:product-lambda:product-lambda-local-api]": "failed P2",
    },
    "health-endpoint-down": {
        "test_health_endpoint_answers[local:bg-remover:health]": "failed P1",
        "test_health_endpoint_answers_200[local:bg-remover:health]": "inhibited",
        "test_health_endpoint_answers_in_time[local:bg-remover:health]": "inhibited",
        "test_health_endpoint_reports_healthy[local:bg-remover:health]": "inhibited",
    },
    "health-endpoint-failing": {
        "test_health_endpoint_answers_200[local:bg-remover:health]": "failed P1",
        "test_health_endpoint_reports_healthy[local:bg-remover:health]": "failed P1",
    },
    "health-endpoint-hostile": {
        "test_health_endpoint_reports_healthy[local:bg-remover:health]": "failed P1",
    },
    "health-endpoint-slow": {
        "test_health_endpoint_answers_in_time[local:product-lambda:health]": "failed P2",
    },
    "health-endpoint-unhealthy": {
        "test_health_endpoint_reports_healthy[local:opportunity-analysis:health-ready]": "failed P1",
    },
    "iceberg-table-deleted": {
        "test_iceberg_table_exists[local:bg-remover:sales_history]": "failed P1",
    },
    "index-creating": {
        "test_table_indexes_are_active[local:zae-limiter:zae-limiter-local]": "failed P2",
    },
    "index-deleted": {
        "test_table_is_not_throttled[local:bg-remover:bg-remover-local-sales-intelligence]": "unknown P2",
        "test_table_indexes_are_active[local:bg-remover:bg-remover-local-sales-intelligence]": "failed P2",
    },
    "index-throttled": {
        "test_table_is_not_throttled[local:zae-limiter:zae-limiter-local]": "failed P2",
    },
    "log-group-deleted": {
        "test_log_group_exists[local:opportunity-analysis:/aws/lambda/opportunity-analysis-local-data-retrieval]": "failed P2",
    },
    "logs-critical": {
        "test_logs_are_free_of_trouble[local:bg-remover:critical-validation]": "failed P2",
    },
    "logs-errors": {
        "test_logs_are_free_of_trouble[local:zae-limiter:aggregator-errors]": "failed P3",
    },
    "logs-hostile": {
        "test_logs_are_free_of_trouble[local:bg-remover:critical-validation]": "failed P2",
    },
    "metric-missing": {
        "test_metric_arrives[local:opportunity-analysis:response-time]": "unknown P2",
        "test_metric_is_within_limit[local:opportunity-analysis:response-time]": "unknown P2",
    },
    "metric-over-limit": {
        "test_metric_is_within_limit[local:product-lambda:api-5xx]": "failed P2",
    },
    "metric-partial": {
        "test_metric_arrives[local:product-lambda:api-5xx]": "unknown P2",
        "test_metric_is_within_limit[local:product-lambda:api-5xx]": "unknown P2",
    },
    "metric-response-slow": {
        "test_metric_is_within_limit[local:opportunity-analysis:response-time]": "failed P2",
    },
    "metric-silent": {
        "test_metric_arrives[local:bg-remover:validator-invocations]": "failed P2",
    },
    "redrive-removed": {
        "test_queue_moves_failures_to_its_dead_letter_queue[local:bg-remover:bg-remover-local-main]": "failed P2",
    },
    "rest-api-deleted": {
        "test_metric_arrives[local:product-lambda:api-5xx]": "inhibited",
        "test_metric_is_within_limit[local:product-lambda:api-5xx]": "inhibited",
        "test_rest_api_exists[local:product-lambda:product-lambda-local]": "failed P1",
        "test_rest_api_is_deployed[local:product-lambda:product-lambda-local]": "inhibited",
    },
    "rest-api-undeployed": {
        "test_rest_api_is_deployed[local:product-lambda:product-lambda-local]": "failed P1",
    },
    "role-deleted": {
        "test_role_exists[local:zae-limiter:zae-limiter-local-aggr]": "failed P2",
    },
    "schedule-deleted": {
        "test_schedule_exists[local:opportunity-analysis:opportunity-analysis-local-daily-configuration-backup]": "failed P2",
        "test_schedule_is_enabled[local:opportunity-analysis:opportunity-analysis-local-daily-configuration-backup]": "inhibited",
        "test_schedule_starts_its_function[local:opportunity-analysis:opportunity-analysis-local-daily-configuration-backup]": "inhibited",
    },
    "schedule-disabled": {
        "test_schedule_is_enabled[local:bg-remover:bg-remover-local-s3-export-schedule]": "failed P2",
    },
    "schedule-elsewhere": {
        "test_schedule_starts_its_function[local:bg-remover:bg-remover-local-validation-schedule]": "failed P2",
    },
    "schedule-without-target": {
        "test_schedule_starts_its_function[local:bg-remover:bg-remover-local-validation-schedule]": "failed P2",
    },
    "secret-deleted": {
        "test_on_call_secret_exists[local:zae-limiter:zae-limiter/on-call-contacts]": "failed P3",
        "test_on_call_secret_is_kept[local:zae-limiter:zae-limiter/on-call-contacts]": "inhibited",
    },
    "secret-scheduled-for-deletion": {
        "test_on_call_secret_is_kept[local:bg-remover:bg-remover/on-call-contacts]": "failed P3",
    },
    "stack-deleted": {
        "test_stack_exists[local:opportunity-analysis:opportunity-analysis-local]": "failed P2",
        "test_stack_has_not_failed[local:opportunity-analysis:opportunity-analysis-local]": "inhibited",
        "test_stack_is_at_rest[local:opportunity-analysis:opportunity-analysis-local]": "inhibited",
    },
    "stack-rollback-failed": {
        "test_stack_has_not_failed[local:bg-remover:bg-remover-local]": "failed P2",
    },
    "stack-updating": {
        "test_stack_is_at_rest[local:zae-limiter:zae-limiter-local]": "failed P4",
    },
    "stream-disabled": {
        "test_table_stream_is_enabled[local:zae-limiter:zae-limiter-local]": "failed P2",
    },
    "stream-lag": {
        "test_stream_lag_is_within_limit[local:zae-limiter:zae-limiter-local-stream]": "failed P3",
    },
    "stream-lag-critical": {
        "test_stream_lag_is_within_limit[local:zae-limiter:zae-limiter-local-stream]": "failed P2",
    },
    "table-deleted": {
        "test_table_exists[local:product-lambda:products-local]": "failed P1",
        "test_table_is_active[local:product-lambda:products-local]": "inhibited",
        "test_table_is_not_throttled[local:product-lambda:products-local]": "inhibited",
    },
    "table-inaccessible": {
        "test_table_is_active[local:bg-remover:bg-remover-local-sales-intelligence]": "failed P1",
    },
    "table-throttled": {
        "test_table_is_not_throttled[local:bg-remover:bg-remover-local-sales-intelligence]": "failed P2",
    },
    "topic-deleted": {
        "test_topic_exists[local:product-lambda:product-lambda-local-alerts]": "failed P3",
        "test_topic_reaches_its_subscribers[local:product-lambda:product-lambda-local-alerts]": "inhibited",
    },
    "topic-unconfirmed": {
        "test_topic_reaches_its_subscribers[local:bg-remover:bg-remover-local-alerts]": "failed P3",
    },
    "work-queue-deleted": {
        "test_queue_moves_failures_to_its_dead_letter_queue[local:bg-remover:bg-remover-local-main]": "inhibited",
        "test_work_queue_exists[local:bg-remover:bg-remover-local-main]": "failed P1",
    },
}
"""Fault to every check that does not pass under it, with its outcome and, where it failed or is unknown, its severity."""


def verdict_of(results: Iterable[str]) -> tuple[int, str]:
    """Exit code and verdict that outcomes and severities come to at the default gate."""
    severities = {outcome: [one.split()[1] for one in results if one.startswith(outcome)] for outcome in OUTCOMES}
    if any(severity <= "P3" for severity in severities["failed"]):
        return 1, "NO-GO"
    return (6, "UNKNOWN") if any(severity <= "P2" for severity in severities["unknown"]) else (0, "GO")


@pytest.mark.parametrize("fault", EXPECTED)
def test_a_fault_turns_what_it_breaks_and_nothing_else(run: Callable[..., Ran], fault: str) -> None:
    """Outcome and severity of every check of the whole run."""
    ran = run("checks", "--stage=local", "--fault", fault)
    assert {check: " ".join(filter(None, result)) for check, result in ran.not_passed().items()} == EXPECTED[fault]
    assert (ran.code, ran.report["verdict"]) == verdict_of(EXPECTED[fault].values())


def test_every_fault_is_expected_to_turn_something() -> None:
    """A fault in the list that is not proved here would be a promise."""
    assert set(EXPECTED) == {name for name in FAULTS if "=" not in name}


def test_every_smoke_check_is_turned_by_a_fault(run: Callable[..., Ran]) -> None:
    """A check that no fault turns red might not be able to fail."""
    ran = run("checks/smoke", "--stage=local", "--collect-only", "-q")
    checks = {line.split("::")[1].split("[")[0] for line in ran.output.splitlines() if "::" in line}
    turned = {
        check.split("[")[0]
        for results in EXPECTED.values()
        for check, result in results.items()
        if result != "inhibited"
    }
    assert len(checks) >= 25
    assert checks <= turned


def test_runbooks_of_faults_and_incidents_exist(run: Callable[..., Ran]) -> None:
    """Every link leads to a heading."""
    links = {fault.runbook for fault in FAULTS.values() if fault.runbook}
    links |= {check["runbook"] for check in run("checks", "--stage=local").report["checks"]}
    for link in links:
        path, _, anchor = link.partition("#")
        headings = [
            line.lstrip("# ").strip() for line in (ROOT / path).read_text().splitlines() if line.startswith("#")
        ]
        assert anchor in {heading.lower().replace(" ", "-") for heading in headings}, link
