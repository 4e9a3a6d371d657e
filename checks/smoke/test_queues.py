"""Queues exist, and no message waits where failed ones go."""

import pytest

pytestmark = pytest.mark.runbook("#queues")


@pytest.mark.existence
@pytest.mark.severity("P1")
def test_work_queue_exists(work_queue):
    """The queue that takes work exists."""
    assert work_queue.exists, f"{work_queue}: absent, expected present"


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_dead_letter_queue_exists(dead_letter_queue):
    """The queue that keeps failed messages exists."""
    assert dead_letter_queue.exists, f"{dead_letter_queue}: absent, expected present"


@pytest.mark.severity("P2")
def test_dead_letter_queue_is_empty(dead_letter_queue):
    """No message waits in the dead-letter queue."""
    depth, limit = dead_letter_queue.depth, dead_letter_queue.max_depth
    assert depth <= limit, f"{dead_letter_queue}: {limit.show(depth)}, expected at most {limit}"


@pytest.mark.severity("P2")
def test_queue_moves_failures_to_its_dead_letter_queue(redriving_queue):
    """Messages that fail again and again move to the declared dead-letter queue."""
    target, declared = redriving_queue.redrive_target, redriving_queue.dead_letter_queue
    assert target == declared, f"{redriving_queue}: failures move to {target}, expected {declared}"
