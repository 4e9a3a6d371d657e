"""Schedules exist, are enabled, and start what they should."""

import pytest

pytestmark = pytest.mark.runbook("#schedules")


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_schedule_exists(schedule):
    """The schedule exists."""
    assert schedule.exists, f"{schedule}: absent, expected present"


@pytest.mark.severity("P2")
def test_schedule_is_enabled(schedule):
    """The schedule is enabled."""
    assert schedule.state == "ENABLED", f"{schedule}: {schedule.state}, expected ENABLED"


@pytest.mark.severity("P2")
def test_schedule_starts_its_function(schedule):
    """The schedule starts the declared function."""
    targets = ", ".join(schedule.targets) or "nothing"
    assert schedule.function in schedule.targets, f"{schedule}: starts {targets}, expected {schedule.function}"
