"""The garbage collector, told what pytest and a run keep: walking through it again and again finds nothing.

Items, reports and findings stay until the run ends, and then the process does too.
"""

from __future__ import annotations

import gc

import pytest

from fixtures.selection import verifies

YOUNG = 50_000
"""Objects between two looks at the young ones. Python's 700 is made for programs whose objects come and go."""


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave alone what is there when the checks begin."""
    if verifies(session.config):
        gc.freeze()
        gc.set_threshold(YOUNG)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave everything alone while the process ends."""
    if verifies(config):
        gc.freeze()
