"""Services write the log lines they should, and none that they should not."""

import pytest

pytestmark = pytest.mark.runbook("#logs")


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_log_group_exists(log_group):
    """The function's log group exists."""
    assert log_group.exists, f"{log_group}: absent, expected present"


@pytest.mark.severity("P2")
def test_activity_is_recent(activity):
    """The service has written the line that shows it at work, recently."""
    silence, limit = activity.silence_seconds, activity.max_silence_seconds
    assert silence <= limit, f"{activity}: silent for {limit.show(silence)}, expected at most {limit}"


@pytest.mark.severity("P2")
def test_logs_are_free_of_trouble(trouble):
    """No line that tells of trouble has been written lately."""
    lines, limit = trouble.lines, trouble.max_lines
    assert lines <= limit, f"{trouble}: {limit.show(lines)}, expected at most {limit}"
