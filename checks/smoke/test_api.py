"""The API is deployed, and DNS health checks see it healthy."""

import pytest

pytestmark = pytest.mark.runbook("#api")


@pytest.mark.existence
@pytest.mark.severity("P1")
def test_rest_api_exists(rest_api):
    """The REST API exists."""
    assert rest_api.exists, f"{rest_api}: absent, expected present"


@pytest.mark.severity("P1")
def test_rest_api_is_deployed(rest_api):
    """The REST API is deployed to its stage."""
    deployed, declared = rest_api.deployments, rest_api.deployment
    assert declared in deployed, f"{rest_api}: deployed {', '.join(deployed) or 'nothing'}, expected {declared}"


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_health_check_exists(health_check):
    """A Route 53 health check probes the API."""
    assert health_check.exists, f"{health_check}: absent, expected present"


@pytest.mark.severity("P2")
def test_health_check_sees_the_api_healthy(health_check):
    """Most of Route 53's checkers see the API healthy."""
    share = health_check.healthy_share
    assert share > 0.5, f"{health_check}: {share:.0%} of the checkers see it healthy, expected more than 50 %"
