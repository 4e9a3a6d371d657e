"""CloudFormation stacks exist, have not failed, and are not being changed."""

import pytest

pytestmark = pytest.mark.runbook("#stacks")


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_stack_exists(stack):
    """The stack exists."""
    assert stack.exists, f"{stack}: absent, expected present"


@pytest.mark.severity("P2")
def test_stack_has_not_failed(stack):
    """The stack's last operation neither failed nor was rolled back, and nobody is deleting the stack."""
    assert not stack.has_failed, f"{stack}: status {stack.status}, expected a completed create or update"


@pytest.mark.severity("P4")
def test_stack_is_at_rest(stack):
    """No operation is going on in the stack."""
    assert stack.is_at_rest, f"{stack}: status {stack.status}, expected no operation in progress"
