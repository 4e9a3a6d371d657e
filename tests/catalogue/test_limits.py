"""Laws of severities and tiers."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from fixtures.catalogue import Limit, Severity

severities = st.sampled_from(list(Severity))
values = st.floats(allow_nan=False, min_value=-1e9, max_value=1e9)


@st.composite
def limits(draw: st.DrawFn) -> Limit:
    tiers = draw(st.sets(severities, min_size=1))
    bounds = sorted(draw(st.sets(values, min_size=len(tiers), max_size=len(tiers))))
    return Limit(unit="things", above=dict(zip(sorted(tiers, reverse=True), bounds, strict=True)))


@given(limits(), values, values)
def test_a_larger_value_is_never_milder(limit: Limit, one: float, other: float) -> None:
    """Tiers are monotone."""
    smaller, larger = sorted((one, other))
    mild, bad = limit.breach(smaller), limit.breach(larger)
    assert mild is None or (bad is not None and bad.is_at_least(mild))


@given(limits(), values)
def test_within_the_limit_means_that_no_tier_is_breached(limit: Limit, value: float) -> None:
    """What a check asks and what the severity is read from agree."""
    assert (value <= limit) == (limit.breach(value) is None)


@given(limits())
def test_what_is_not_a_number_is_the_worst_breach(limit: Limit) -> None:
    """No comparison with NaN is true, so it must not pass for being not larger."""
    assert limit.breach(math.nan) == limit.worst
    assert not math.nan <= limit
    assert limit.breach(math.inf) == limit.worst


@given(severities, severities)
def test_a_cap_never_makes_worse(severity: Severity, cap: Severity) -> None:
    """The cap only ever softens, down to itself."""
    capped = severity.capped(cap)
    assert severity.is_at_least(capped)
    assert cap.is_at_least(capped) or capped == severity
    assert not capped.level < cap.level


@pytest.mark.parametrize("bound", [math.inf, -math.inf, math.nan])
def test_a_bound_is_a_number_that_can_be_exceeded(bound: float) -> None:
    """Nothing is above infinity, and everything breaches NaN."""
    with pytest.raises(ValidationError, match="finite number"):
        Limit(unit="s", above={Severity.P2: bound})
    with pytest.raises(ValidationError, match="finite number"):
        Limit.model_validate_json(f'{{"unit": "s", "above": {{"P2": {json.dumps(bound)}}}}}')


def test_tiers_the_wrong_way_round_are_named_with_their_bounds() -> None:
    """Of three tiers, the two that do not fit."""
    with pytest.raises(ValidationError, match="P2 has 5 and P3 has 10"):
        Limit(unit="s", above={Severity.P3: 10, Severity.P2: 5, Severity.P1: 20})


@pytest.mark.parametrize(
    ("unit", "value", "shown"),
    [
        ("messages", 0, "0 messages"),
        ("messages", 1, "1 message"),
        ("messages", 12, "12 messages"),
        ("lines", 1, "1 line"),
        ("failed calls", 1, "1 failed call"),
        ("s", 1, "1 s"),
        ("ms", 1, "1 ms"),
        ("kbps", 1, "1 kbps"),
        ("s", 1.5, "1.5 s"),
        ("s", 0.123456, "0.1235 s"),
        ("s", 99.944, "99.94 s"),
        ("s", 100.4, "100.4 s"),
        ("s", 90061.7, "90,061.7 s"),
        ("messages", 12345678, "12,345,678 messages"),
        ("s", math.inf, "more than 3,600 s"),
        ("s", math.nan, "nan s"),
    ],
)
def test_values_are_shown_as_people_write_them(unit: str, value: float, shown: str) -> None:
    """Thousands apart, no more digits than anybody reads, and one of a thing in the singular."""
    assert Limit(unit=unit, above={Severity.P3: 900, Severity.P2: 3600}).show(value) == shown


def test_a_limit_reads_as_its_bound() -> None:
    """In messages of checks and in those of pytest."""
    limit = Limit(unit="messages", above={Severity.P3: 1, Severity.P2: 10})
    assert str(limit) == repr(limit) == "1 message"
