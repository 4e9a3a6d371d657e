"""Streams are fed to their functions, successfully and without delay."""

import pytest

pytestmark = pytest.mark.runbook("#event-sources")


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_event_source_exists(event_source):
    """The mapping from the stream to the function exists."""
    assert event_source.exists, f"{event_source}: absent, expected present"


@pytest.mark.severity("P2")
def test_event_source_is_enabled(event_source):
    """The mapping is enabled."""
    assert event_source.state == "Enabled", f"{event_source}: {event_source.state}, expected Enabled"


@pytest.mark.severity("P2")
def test_event_source_last_batch_succeeded(event_source):
    """The function took the last batch without an error."""
    result = event_source.last_result
    assert result in ("OK", "No records processed"), f"{event_source}: last batch {result}, expected OK"


@pytest.mark.severity("P2")
def test_stream_lag_is_within_limit(event_source):
    """Records reach the function soon after they were written."""
    lag, limit = event_source.lag_seconds, event_source.max_lag_seconds
    assert lag <= limit, f"{event_source}: {lag:.0f} s behind, expected at most {limit}"
