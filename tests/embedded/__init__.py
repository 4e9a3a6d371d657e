"""Tests of the embedded cloud."""

import pytest

pytest.register_assert_rewrite("tests.embedded.healthy")
