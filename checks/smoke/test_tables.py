"""DynamoDB tables can be read, written, queried by index and followed by stream."""

import pytest

pytestmark = pytest.mark.runbook("#tables")


@pytest.mark.existence
@pytest.mark.severity("P1")
def test_table_exists(table):
    """The table exists."""
    assert table.exists, f"{table}: absent, expected present"


@pytest.mark.severity("P1")
def test_table_is_active(table):
    """The table can be read and written."""
    assert table.status in ("ACTIVE", "UPDATING"), f"{table}: status {table.status}, expected ACTIVE or UPDATING"


@pytest.mark.severity("P2")
def test_table_indexes_are_active(indexed_table):
    """Every declared index can be queried."""
    inactive = indexed_table.inactive_indexes
    assert inactive == [], f"{indexed_table}: {', '.join(inactive)}, expected every index ACTIVE"


@pytest.mark.severity("P2")
def test_table_stream_is_enabled(streamed_table):
    """The stream that consumers follow is enabled."""
    assert streamed_table.has_stream, f"{streamed_table}: stream disabled, expected enabled"


@pytest.mark.severity("P2")
def test_table_is_not_throttled(table):
    """No request to the table or to one of its indexes has been throttled lately."""
    requests, limit = table.throttled_requests, table.max_throttled_requests
    assert requests <= limit, f"{table}: {limit.show(requests)} throttled, expected at most {limit}"
