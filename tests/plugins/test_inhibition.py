"""A cause explains what follows from it, and only if a failed check of the same run says so."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import Ran

FAULT = ("checks", "--stage=local", "--service=bg-remover", "--fault=function-deleted")


def test_a_deleted_function_explains_the_other_checks_on_it(run: Callable[..., Ran]) -> None:
    """One incident, which lists them."""
    ran = run(*FAULT)
    (incident,) = ran.report["incidents"]
    inhibited = [check for check in ran.report["checks"] if check["outcome"] == "inhibited"]
    assert len(inhibited) == 5
    assert incident["checks"] == [incident["checks"][0], *(check["id"] for check in inhibited)]
    assert {check["inhibited_by"] for check in inhibited} == {incident["checks"][0]}
    assert "test_function_exists" in inhibited[0]["reason"]


def test_without_the_check_that_says_so_nothing_is_explained(run: Callable[..., Ran]) -> None:
    """The others are unknown: nobody in this run has said that the function is gone."""
    ran = run(*FAULT, "-k", "test_function_is_active")
    assert ran.code == 6, ran.output
    assert {outcome for outcome, _ in ran.not_passed().values()} == {"unknown"}


def test_the_order_on_the_command_line_does_not_matter(run: Callable[..., Ran]) -> None:
    """What says that a resource exists runs first."""
    files = [f"checks/smoke/{name}" for name in ("test_functions.py", "test_event_sources.py")]
    tests = [f"{files[0]}::test_function_is_active", f"{files[0]}::test_function_exists"]
    ran = run(*tests, "--stage=local", "--service=bg-remover", "--fault=function-deleted")
    assert sorted(outcome for outcome, _ in ran.not_passed().values()) == ["failed", "inhibited"]


def test_a_mild_cause_hides_nothing_worse(run: Callable[..., Ran]) -> None:
    """A missing alarm is P3; with the gate at P2 it does not block, and whether it would be firing (P2) is unknown."""
    ran = run("checks", "--stage=local", "--service=bg-remover", "--fault=alarm-deleted", "--gate=P2")
    assert ran.code == 6, ran.output
    outcomes = {check.split("[")[0]: result for check, result in ran.not_passed().items()}
    assert outcomes["test_alarm_exists"] == ("failed", "P3")
    assert outcomes["test_alarm_is_not_firing"] == ("unknown", "P2")
    assert outcomes["test_alarm_sees_data"] == ("inhibited", None)
