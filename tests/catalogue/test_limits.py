"""Laws of severities and tiers."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

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
