"""Every selected check has exactly one outcome, and could-not-look is never a pass, a failure or a skip."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import product

import pytest

from tests.conftest import Project, Ran

HEAD = '@pytest.mark.severity("P1")\ndef test_own(dead_letter_queue):\n    """Healthy."""\n    '

UNKNOWN = {
    "pytest.skip('later')": "skipped: later",
    "pytest.xfail('known')": "xfailed: known",
    "raise KeyError('secret-value')": "the check itself broke with KeyError at checks/smoke/test_unknown_2.py:6",
    "assert dead_letter_queue.dept == 0": "a queue has no 'dept' (did you mean depth?)",
    "import no_such_module": "No module named 'no_such_module'",
    "pytest.importorskip('no_such_module')": "skipped: could not import",
    "raise SystemExit(0)": "broke with SystemExit",
    "raise ExceptionGroup('', [ValueError('x'), OSError('y')])": "broke with ExceptionGroup",
}


def test_a_check_that_does_not_judge_is_unknown(project: Project) -> None:
    """Skips, expected failures and broken checks are no answer: exit 6, the reason said, no value shown."""
    for number, body in enumerate(UNKNOWN):
        project.check(HEAD + body, f"test_unknown_{number}.py")
    ran = project.run("--service=bg-remover")
    assert ran.code == 6, ran.output
    assert {(c["outcome"], c["severity"], c["blocking"]) for c in ran.report["checks"]} == {("unknown", "P1", True)}
    for check, reason in zip(ran.report["checks"], UNKNOWN.values(), strict=True):
        assert reason in check["reason"]
    assert "secret-value" not in ran.output + "".join(path.read_text() for path in ran.reports.iterdir())
    for case in ET.parse(ran.reports / "junit.xml").iter("testcase"):
        assert [child.tag for child in case if child.tag != "properties"] == ["error"]


def test_a_mark_cannot_take_a_check_out_of_the_verdict(project: Project) -> None:
    """A check that is marked away has not looked."""
    for number, mark in enumerate(("skip(reason='x')", "skipif(True, reason='x')", "xfail(run=False, reason='x')")):
        project.check(f"@pytest.mark.{mark}\n" + HEAD + "pass", f"test_marked_{number}.py")
    ran = project.run("--service=bg-remover")
    assert (ran.code, list(ran.outcomes().values())) == (6, ["unknown"] * 3), ran.output


def test_a_broken_claim_is_a_failure_however_it_is_marked(project: Project) -> None:
    """An expected failure is a failure: somebody has to know."""
    bodies = ("assert False, 'x'", "pytest.fail('x')", "raise ExceptionGroup('', [AssertionError('x'), OSError('y')])")
    marks = ("", "@pytest.mark.xfail\n", "@pytest.mark.xfail(strict=True)\n")
    for number, (mark, body) in enumerate(product(marks, bodies)):
        project.check(mark + HEAD + body, f"test_failed_{number}.py")
    ran = project.run("--service=bg-remover")
    assert (ran.code, list(ran.outcomes().values())) == (1, ["failed"] * 9), ran.output


def test_a_claim_that_holds_is_a_pass_however_it_is_marked(project: Project) -> None:
    """A strict expected failure that passes is a pass: the verdict is about the service, not about the mark."""
    project.check("@pytest.mark.xfail(strict=True)\n" + HEAD + "assert dead_letter_queue.exists")
    ran = project.run("--service=bg-remover")
    assert (ran.code, list(ran.outcomes().values())) == (0, ["passed"]), ran.output


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fixture_that_breaks_makes_its_check_unknown(project: Project, when: str) -> None:
    """Also after the check has passed: what the fixture had to undo was not undone."""
    before, after = ("raise OSError", "pass") if when == "before" else ("pass", "raise OSError")
    fixture = f"@pytest.fixture\ndef own():\n    {before}\n    yield\n    {after}\n\n\n"
    project.check(fixture + HEAD.replace("(dead", "(own, dead") + "pass")
    ran = project.run("--service=bg-remover")
    assert (ran.code, list(ran.outcomes().values())) == (6, ["unknown"]), ran.output


def test_a_check_that_stops_the_run_leaves_none_out(project: Project) -> None:
    """``-x`` ends the run at the first failure; what was not reached is unknown, and listed."""
    project.check('@pytest.mark.severity("P4")\ndef test_own(function):\n    """Healthy."""\n    assert False\n')
    ran = project.run("-x", "--gate=P3")
    outcomes = list(ran.outcomes().values())
    assert outcomes.count("failed") == 1
    assert outcomes.count("unknown") == len(outcomes) - 1 > 1


def test_a_file_that_cannot_be_collected_is_not_go(project: Project) -> None:
    """Whatever it holds was not checked."""
    project.check(HEAD + "pass")
    project.check("def test_broken(:\n", "test_broken.py")
    ran = project.run("--service=bg-remover", "--continue-on-collection-errors")
    assert ran.code == 6, ran.output
    assert ran.report["verdict"] == "UNKNOWN"
    assert "test_broken.py could not be collected" in ran.report["remarks"][0]


BAD_CHECKS = {
    "no severity": ('def test_own(queue):\n    """Healthy."""\n', "has severity None"),
    "wrong severity": ('@pytest.mark.severity("P9")\ndef test_own(queue):\n    """Healthy."""\n', "has severity 'P9'"),
    "no docstring": ('@pytest.mark.severity("P1")\ndef test_own(queue):\n    pass\n', "has no docstring"),
    "no noun": ('@pytest.mark.severity("P1")\ndef test_own():\n    """Healthy."""\n', "asks for no resource"),
    "two nouns": ('@pytest.mark.severity("P1")\ndef test_own(queue, table):\n    """Healthy."""\n', "is about one"),
}


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_check_that_could_not_be_reported_does_not_start(project: Project, workers: tuple[str, ...]) -> None:
    """What is missing is said with how to add it, and nothing is GO."""
    for number, (source, _) in enumerate(BAD_CHECKS.values()):
        project.check(source, f"test_bad_{number}.py")
    ran = project.run(*workers)
    assert ran.code not in (0, 1), ran.output
    for name, (_, message) in BAD_CHECKS.items():
        assert message in ran.output, name


def test_no_check_at_all_is_not_go(project: Project) -> None:
    """Nothing was checked: pytest's own exit code for that, and no GO in the report."""
    project.check(HEAD + "pass")
    ran = project.run("-k", "nothing_like_it")
    assert ran.code == 5
    assert ran.report["verdict"] == "UNKNOWN"


SWALLOWED = """
def test_own(function):
    '''Healthy.'''
    try:
        function.state
    except Exception:
        pass
"""


def test_a_check_that_swallows_a_failed_look_does_not_pass(run: Callable[..., Ran], project: Project) -> None:
    """Whoever was told nothing has nothing to pass on."""
    project.check("@pytest.mark.severity('P1')" + SWALLOWED)
    arguments = ("checks", "--stage=local", "--service=zae-limiter", "--fault=denied=lambda.GetFunctionConfiguration")
    ran = run(*arguments, cwd=project.path)
    assert (ran.code, set(ran.outcomes().values())) == (6, {"unknown"}), ran.output


LOST = {
    "a check that returns its claim": HEAD + "return dead_letter_queue.depth == 12345",
    "a file that skips itself": "pytest.importorskip('no_such_module')\n\n\n" + HEAD + "pass",
    "a class that cannot be collected": "class TestOwn:\n    def __init__(self):\n        pass\n",
    "an async check": HEAD.replace("def ", "async def ") + "assert False",
}


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "n2"])
@pytest.mark.parametrize("name", LOST)
def test_a_check_that_would_get_lost_keeps_the_run_from_go(
    project: Project, name: str, workers: tuple[str, ...]
) -> None:
    """pytest only warns, or says nothing, about each of these."""
    project.check(HEAD + "assert dead_letter_queue.exists, 'x'", "test_good.py")
    project.check(LOST[name], "test_lost.py")
    ran = project.run("--service=bg-remover", *workers)
    assert ran.code not in (0, 1), ran.output
    assert ran.report["verdict"] == "UNKNOWN"


def test_the_worst_of_several_phases_counts(project: Project) -> None:
    """A skipped subtest does not hide the failed one behind it, nor a mild breach a bad one."""
    body = """subtests = request.getfixturevalue("subtests")
    with subtests.test("skipped"):
        pytest.skip("x")
    with subtests.test("failed"):
        assert False, f"{dead_letter_queue}: bad, expected good"
"""
    project.check(HEAD.replace("(dead", "(request, dead") + body)
    ran = project.run("--service=bg-remover")
    assert (ran.code, list(ran.outcomes().values())) == (1, ["failed"]), ran.output


def test_a_breach_that_was_not_the_failure_does_not_soften_it(project: Project) -> None:
    """The tier counts only where the whole assert that failed is the comparison with the limit."""
    body = """with pytest.raises(AssertionError):
        assert 1 <= dead_letter_queue.max_depth
    assert 1 == 2, f"{dead_letter_queue}: bad, expected good"
"""
    project.check(HEAD + body)
    ran = project.run("--service=bg-remover")
    assert [check["severity"] for check in ran.report["checks"]] == ["P1"]


def test_a_failed_assert_without_a_message_shows_no_value(project: Project) -> None:
    """pytest's explanation would; the resource and the claim are said instead."""
    project.check(HEAD + "secret = {'password': 'hunter2'}\n    assert secret == {}")
    ran = project.run("--service=bg-remover")
    (incident,) = ran.report["incidents"]
    assert "bg-remover-local-dlq" in incident["title"]
    assert "hunter2" not in ran.output + "".join(path.read_text() for path in ran.reports.iterdir())


def test_what_was_deselected_is_not_cut_short(project: Project) -> None:
    """``--lf`` takes checks away after everybody else."""
    project.check(HEAD + "assert False, 'x'", "test_failed.py")
    project.check(HEAD + "assert dead_letter_queue.exists, 'x'", "test_passed.py")
    cache = ("--service=bg-remover", "-p", "cacheprovider")
    project.run(*cache)
    ran = project.run(*cache, "--lf")
    assert list(ran.outcomes().values()) == ["failed"], ran.output


def test_a_broken_link_does_not_start(project: Project) -> None:
    """An incident that leads nowhere helps nobody."""
    project.check("@pytest.mark.runbook('#queue')\n" + HEAD + "pass")
    ran = project.run("--service=bg-remover")
    assert ran.code == 2
    assert "runbooks/bg-remover.md#queue, where there is no such heading" in ran.output


def test_a_report_that_cannot_be_written_is_no_verdict(project: Project) -> None:
    """pytest's own code for its crash would be the one for NO-GO."""
    project.check(HEAD + "pass")
    (project.path / "out" / ".report.json.unfinished").mkdir(parents=True)
    ran = project.run("--service=bg-remover", "--report-dir=out")
    assert ran.code == 3, ran.output
    assert "a report could not be written" in ran.output
