"""Ceilings on money and time: what they cut off is unknown, never passed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.aws.health import HealthReader
from fixtures.aws.prices import USD_PER_CALL, USD_PER_METRIC
from fixtures.aws.purse import Ceiling
from fixtures.aws.request import AwsRequest
from fixtures.observations import Observation, State, Unobserved, Usage
from fixtures.observer import Observer
from tests.conftest import Ran
from tests.observer.chaos import Asked, once, refused
from tests.observer.conftest import Seen, Through

NOW = datetime(2026, 1, 5, tzinfo=UTC)
COSTLY = {*USD_PER_CALL, "cloudwatch.GetMetricData"}


def spent(seen: Seen) -> float:
    """What everything cost that went out, by the price list."""
    metrics = sum(asked.text.count('"MetricStat"') for asked in seen.chaos.asked)
    return sum(USD_PER_CALL.get(asked.name, 0.0) for asked in seen.chaos.asked) + metrics * USD_PER_METRIC


def require_unknown_where_refused(seen: Seen) -> None:
    """What could not be paid for is unknown and names the ceiling; everything else passed, and was seen."""
    seen.require_that_passed_means_seen()
    assert set(seen.ran.outcomes().values()) == {"passed", "unknown"}
    for id_ in seen.of("unknown"):
        assert seen.checks[id_]["reason"].startswith("refused: --max-usd="), seen.checks[id_]
        assert seen.operations(id_) & COSTLY


def test_a_ceiling_of_zero_sends_what_is_free(through: Through) -> None:
    """No call that costs anything goes out, and what it would have told is unknown."""
    seen = through(lambda _: None, "--max-usd=0")
    assert seen.ran.code == 6, seen.ran.output
    assert not COSTLY & set(seen.chaos.calls())
    assert seen.ran.report["own_cost"]["usd"] == 0
    require_unknown_where_refused(seen)
    assert set(seen.of("unknown")) == {id_ for id_ in seen.checks if seen.operations(id_) & COSTLY}
    assert len(seen.of("passed")) > 150


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_a_ceiling_in_the_middle_is_never_exceeded(through: Through, workers: str) -> None:
    """Retries count: the first answer to every request is an error, so everything costs twice."""
    ceiling = 0.00004
    fail = once(refused("InternalFailure", 500))

    def fault(asked: Asked) -> Callable[..., None] | None:
        return fail(asked) if asked.name in COSTLY else None

    seen = through(fault, f"--max-usd={ceiling}", workers)
    assert seen.ran.code == 6, seen.ran.output
    assert 0 < spent(seen) <= ceiling
    assert seen.ran.report["own_cost"]["usd"] == pytest.approx(spent(seen), abs=1e-6)
    require_unknown_where_refused(seen)
    assert seen.of("unknown")
    assert any(seen.operations(id_) & COSTLY for id_ in seen.of("passed"))


def is_paid(purse: Ceiling, usd: float) -> bool:
    """Whether a call of this price may go out."""
    try:
        purse.pay("s3.HeadObject", usd)
    except Unobserved:
        return False
    return True


@settings(deadline=None)
@given(st.floats(0, 1), st.lists(st.floats(0, 0.3)))
def test_a_purse_never_gives_more_than_is_in_it(most: float, prices: list[float]) -> None:
    """And it gives whatever fits, and all that is free."""
    purse, given_away = Ceiling(most), 0.0
    for usd in prices:
        assert is_paid(purse, usd) is (usd == 0 or given_away + usd <= most)
        given_away += usd if usd == 0 or given_away + usd <= most else 0.0
    with pytest.raises(Unobserved) as raised:
        purse.pay("s3.HeadObject", 2.0)
    assert raised.value.state is State.REFUSED


def test_a_purse_is_one_for_all_threads() -> None:
    """None of them spends what another has spent."""
    purse, paid = Ceiling(100.5), []

    def spend() -> None:
        for _ in range(100):
            if is_paid(purse, 1.0):
                paid.append(1)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paid) == 100


@pytest.mark.parametrize(
    ("option", "given"),
    [("--deadline", "-1"), ("--deadline", "soon"), ("--deadline", "inf"), ("--max-usd", "nan"), ("--max-usd", "")],
)
def test_a_ceiling_is_a_number_that_is_not_negative(run: Callable[..., Ran], option: str, given: str) -> None:
    """Anything else is a usage error that says what was given, before anything runs."""
    ran = run("checks", "--stage=local", f"{option}={given}")
    assert ran.code == 4, ran.output
    assert f"{option}={given}" in ran.output
    assert "as a plain number, such as" in ran.output
    assert "Traceback" not in ran.output


class Hanging:
    """A cloud that does not answer; ``asked`` is what was sent to it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate = threading.Event()

    def read(self, request: AwsRequest) -> tuple[Observation, Usage]:
        self.asked.append(request.parameters)
        if not request.parsed.get("is_quick"):
            self.gate.wait()
        return Observation(State.VALUE, "late"), Usage()


def request(number: int, **parameters: object) -> AwsRequest:
    return AwsRequest.of("local", "eu-west-1", "sqs", "GetQueueAttributes", {"number": number, **parameters})


def test_what_nobody_waits_for_any_longer_makes_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane full of calls that hang for ever: they have timed out, and what waited behind them is asked."""
    monkeypatch.setattr("fixtures.observer.observer.PATIENCE_SECONDS", 0.3)
    cloud = Hanging()
    observer = Observer(cloud, HealthReader(), lambda: NOW)  # type: ignore[arg-type]
    late = [request(number) for number in range(100)]
    for one in late:
        observer.announce(one)
    quick = observer.observe(request(101, is_quick=True))
    assert quick.value == "late"
    assert {observer.observe(one).state for one in late} == {State.TIMED_OUT}
    assert len(cloud.asked) == 101
    cloud.gate.set()


def test_an_answer_after_its_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged as unknown stays so for the whole run."""
    monkeypatch.setattr("fixtures.observer.observer.PATIENCE_SECONDS", 0.2)
    cloud = Hanging()
    observer = Observer(cloud, HealthReader(), lambda: NOW)  # type: ignore[arg-type]
    assert observer.observe(request(1)).state is State.TIMED_OUT
    cloud.gate.set()
    assert observer.observe(request(2, is_quick=True)).value == "late"
    assert observer.observe(request(1)).state is State.TIMED_OUT
    assert len(cloud.asked) == 2
