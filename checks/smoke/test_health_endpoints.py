"""Health endpoints answer, quickly, that the service is healthy."""

import pytest

pytestmark = pytest.mark.runbook("#health-endpoint")


@pytest.mark.existence
@pytest.mark.severity("P1")
def test_health_endpoint_answers(health_endpoint):
    """The health endpoint gives an answer."""
    assert health_endpoint.exists, f"{health_endpoint}: no answer, expected one"


@pytest.mark.severity("P1")
def test_health_endpoint_answers_200(health_endpoint):
    """The health endpoint answers with HTTP status 200."""
    assert health_endpoint.status_code == 200, f"{health_endpoint}: HTTP {health_endpoint.status_code}, expected 200"


@pytest.mark.severity("P1")
def test_health_endpoint_reports_healthy(health_endpoint):
    """The service says of itself that it is healthy."""
    assert health_endpoint.status in ("healthy", "ok"), f"{health_endpoint}: {health_endpoint.status}, expected healthy"


@pytest.mark.severity("P2")
def test_health_endpoint_answers_in_time(health_endpoint):
    """The health endpoint answers within its limit."""
    seconds, limit = health_endpoint.response_seconds, health_endpoint.max_response_seconds
    assert seconds <= limit, f"{health_endpoint}: answered in {seconds:.2f} s, expected at most {limit}"
