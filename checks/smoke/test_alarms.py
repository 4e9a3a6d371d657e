"""Alarms exist, see data, would tell somebody, and are quiet."""

import pytest

pytestmark = pytest.mark.runbook("#alarms")


@pytest.mark.existence
@pytest.mark.severity("P3")
def test_alarm_exists(alarm):
    """The alarm exists."""
    assert alarm.exists, f"{alarm}: absent, expected present"


@pytest.mark.severity("P2")
def test_alarm_is_not_firing(alarm):
    """The alarm is not firing."""
    assert alarm.state in ("OK", "INSUFFICIENT_DATA"), f"{alarm}: state {alarm.state}, expected OK"


@pytest.mark.severity("P3")
def test_alarm_sees_data(steady_alarm):
    """The alarm has enough data to judge, where its metric has any in health."""
    assert steady_alarm.state in ("OK", "ALARM"), f"{steady_alarm}: state {steady_alarm.state}, expected OK"


@pytest.mark.severity("P3")
def test_alarm_actions_are_enabled(alarm):
    """The alarm does something when it fires."""
    assert alarm.has_enabled_actions, f"{alarm}: actions disabled or none, expected enabled"
