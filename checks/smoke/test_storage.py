"""Buckets and analytical tables exist."""

import pytest

pytestmark = [pytest.mark.existence, pytest.mark.runbook("#storage")]


@pytest.mark.severity("P2")
def test_bucket_exists(bucket):
    """The bucket exists."""
    assert bucket.exists, f"{bucket}: absent, expected present"


@pytest.mark.severity("P1")
def test_iceberg_table_exists(iceberg_table):
    """The Iceberg table is in the Glue catalogue."""
    assert iceberg_table.exists, f"{iceberg_table}: absent, expected present"
