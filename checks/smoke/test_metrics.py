"""Metrics have the data they must have, and stay within their limits."""

import pytest

pytestmark = pytest.mark.runbook("#metrics")


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_metric_arrives(metric):
    """The metric has data where having none is a failure."""
    assert metric.exists, f"{metric}: no data, expected some"


@pytest.mark.severity("P2")
def test_metric_is_within_limit(limited_metric):
    """The metric is within its limit."""
    value, limit = limited_metric.value, limited_metric.max_value
    assert value <= limit, f"{limited_metric}: {limit.show(value)}, expected at most {limit}"
