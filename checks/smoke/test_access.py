"""The run looks at the right account, and roles that services assume exist."""

import pytest

pytestmark = pytest.mark.runbook("#access")


@pytest.mark.severity("P1")
def test_credentials_belong_to_the_account(account):
    """The run's credentials belong to the stage's account, so that the answers are about it."""
    seen = account.id_of_credentials
    assert seen == account.id, f"{account}: credentials of {seen}, expected {account.id}"


@pytest.mark.existence
@pytest.mark.severity("P2")
def test_role_exists(role):
    """The role exists."""
    assert role.exists, f"{role}: absent, expected present"
