"""Functions exist, can be invoked, run what was deployed last, and rarely fail."""

import pytest

pytestmark = pytest.mark.runbook("#functions")


@pytest.mark.existence
@pytest.mark.severity("P1")
def test_function_exists(function):
    """The function exists."""
    assert function.exists, f"{function}: absent, expected present"


@pytest.mark.severity("P1")
def test_function_is_active(function):
    """The function can be invoked."""
    assert function.state == "Active", f"{function}: state {function.state}, expected Active"


@pytest.mark.severity("P2")
def test_function_runs_what_was_deployed(function):
    """The last update of the function is in effect."""
    status = function.last_update_status
    assert status == "Successful", f"{function}: last update {status}, expected Successful"


@pytest.mark.severity("P1")
def test_function_is_not_switched_off(function):
    """No reserved concurrency of zero keeps the function from running."""
    assert function.reserved_concurrency != 0, f"{function}: reserved concurrency 0, expected none or more than 0"


@pytest.mark.severity("P1")
def test_alias_serves_a_published_version(aliased_function):
    """The alias that serves traffic exists and points at a published version."""
    version = aliased_function.alias_version
    assert version.isdecimal(), f"{aliased_function}: {version}, expected a published version"


@pytest.mark.severity("P2")
def test_function_errors_are_few(function):
    """Few invocations of the function, if any, have failed lately."""
    errors, limit = function.recent_errors, function.max_recent_errors
    assert errors <= limit, f"{function}: {limit.show(errors)}, expected at most {limit}"
