"""Alerts reach people: topics have subscribers, on-call contacts are kept, dashboards are there."""

import pytest


@pytest.mark.existence
@pytest.mark.severity("P3")
@pytest.mark.runbook("#alerts")
def test_topic_exists(topic):
    """The topic that alerts are sent to exists."""
    assert topic.exists, f"{topic}: absent, expected present"


@pytest.mark.severity("P3")
@pytest.mark.runbook("#alerts")
def test_topic_reaches_its_subscribers(subscribed_topic):
    """Every declared kind of subscriber has confirmed its subscription."""
    missing = subscribed_topic.missing_subscribers
    assert missing == [], f"{subscribed_topic}: no confirmed {', '.join(missing)} subscriber, expected one each"


@pytest.mark.existence
@pytest.mark.severity("P3")
@pytest.mark.runbook("#alerts")
def test_on_call_secret_exists(secret):
    """The secret with the on-call contacts exists."""
    assert secret.exists, f"{secret}: absent, expected present"


@pytest.mark.severity("P3")
@pytest.mark.runbook("#alerts")
def test_on_call_secret_is_kept(secret):
    """Nobody has scheduled the secret's deletion."""
    assert not secret.is_being_deleted, f"{secret}: scheduled for deletion, expected to be kept"


@pytest.mark.existence
@pytest.mark.severity("P4")
@pytest.mark.runbook("#dashboards")
def test_dashboard_exists(dashboard):
    """The dashboard exists."""
    assert dashboard.exists, f"{dashboard}: absent, expected present"
