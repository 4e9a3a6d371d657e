"""``-p tests.evidence.offline.later``: the run takes place half a year from now."""

from datetime import timedelta

import pytest

from fixtures.observations import CLOCK, utc_now


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    config.stash[CLOCK] = lambda: utc_now() + timedelta(days=180)
