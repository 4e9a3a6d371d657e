"""Laws: whatever was seen comes back as it was, and no account id is left on the way."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fixtures.aws.health import HealthAnswer, HealthRequest
from fixtures.aws.request import AwsRequest
from fixtures.catalogue import load_catalogue
from fixtures.evidence import Bundle, Replay
from fixtures.evidence.bundle import Origin
from fixtures.evidence.lines import fact_line, fact_of
from fixtures.evidence.sanitising import Accounts
from fixtures.evidence.windows import Windows
from fixtures.observations import Consumed, Observation, State, Usage
from tests.conftest import ROOT

LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ACCOUNTS = Accounts(load_catalogue(ROOT).stages)
OWN_IDS = [stage.account for stage in load_catalogue(ROOT).stages.values()]

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9998, 1, 1), timezones=ZONES)
OWN_WORDS = st.sampled_from(["<account of local>", "<~account ", "<account #1a2b>", "<", "~", "account of ", *OWN_IDS])
TEXTS = st.lists(OWN_WORDS | st.text(max_size=5)).map("".join)
NAMES = st.sampled_from(["$time", "$health", "$$time", "$", "$x"]) | TEXTS
HEALTH = st.builds(HealthAnswer, st.integers(100, 599), st.floats(0, 60), st.none() | TEXTS)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | TIMES
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=10) | HEALTH
OBSERVATIONS = st.builds(Observation, st.sampled_from(State), VALUES, TEXTS, TEXTS, st.none() | TIMES)
PARAMETERS = st.dictionaries(TEXTS, st.integers() | TEXTS | st.lists(TEXTS))
REQUESTS = st.builds(AwsRequest.of, TEXTS, TEXTS, TEXTS, TEXTS, PARAMETERS, st.integers(0, 99)) | st.builds(
    HealthRequest, TEXTS, TEXTS, st.just("")
)


TWELVE_DIGITS = st.integers(10**11, 10**12 - 1)
ORIGIN = Origin(("local",), {}, (), datetime.now(UTC), datetime.now(UTC), None, ())


def has_other_ids(value: Any) -> bool:
    return ACCOUNTS.without_others(repr(value)) != repr(value)


@LAW
@given(REQUESTS, OBSERVATIONS)
def test_a_fact_comes_back_as_it_was(request: AwsRequest | HealthRequest, observation: Observation) -> None:
    """Nested data, times with their zones, any text, fields that look like the file's own, on one line each."""
    line = json.dumps(fact_line(request, observation))
    assert "\n" not in line
    assert fact_of(json.loads(line)) == (request, observation)


@LAW
@given(VALUES.filter(lambda value: not isinstance(value, HealthAnswer)))
def test_a_stages_account_ids_come_back(value: Any) -> None:
    """Hidden on the way, in names too; text that looks like what stands for them stays what it is."""
    plain = fact_line(HealthRequest("s", "u", ""), Observation(State.VALUE, value))["value"]
    hidden = ACCOUNTS.hide(plain)
    if not has_other_ids(plain):
        assert ACCOUNTS.show(hidden) == plain
    assert not any(re.search(rf"(?<!\d){own}(?!\d)", text) for own in OWN_IDS for text in texts(hidden))


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(text for item in value.values() for text in texts(item))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [value] if isinstance(value, str) else []


@LAW
@given(st.dictionaries(TEXTS, TEXTS | TWELVE_DIGITS | TWELVE_DIGITS.map(str), max_size=3))
@example({"startTime": 123456780000, "Bucket": "logs-999988887777"})
def test_what_was_asked_is_found_again(parameters: dict[str, Any]) -> None:
    """By the account ids that the request really has, in names and values, and with numbers that look like them."""
    request = AwsRequest.of("local", "r", "s", "O", parameters)
    line = ACCOUNTS.hide(fact_line(request, Observation(State.EMPTY)))
    bundle = Bundle(ORIGIN, (fact_of(ACCOUNTS.show(json.loads(json.dumps(line)))),), Consumed(Usage(), 0.0))
    assert Replay(bundle, ACCOUNTS).observe(request).state is State.EMPTY


@LAW
@given(st.from_regex(r"[a-z:/_-]{0,5}[0-9]{12}[a-zA-Z:/_-]{0,5}", fullmatch=True))
@example("arn:aws:sns:eu-west-1:999988887777:topic")
@example("prefix999988887777suffix")
@example("<999988887777>")
def test_no_twelve_digits_are_left(text: str) -> None:
    """Whatever they stand next to, and whoever's they are."""
    assert not re.search(r"[0-9]{12}", ACCOUNTS.hide(text))


@LAW
@given(st.uuids().map(lambda one: str(one)[:24]), st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_a_uuid_stays_what_it_is(head: str, tail: str) -> None:
    """Its last group may have no letter in it."""
    assert ACCOUNTS.hide({head + tail: [head + tail]}) == {head + tail: [head + tail]}


@LAW
@given(st.lists(st.sampled_from(["999988887777", "999988887778", "1", "x"])))
def test_accounts_of_no_stage_stay_apart(parts: list[str]) -> None:
    """Two of them do not become one, and the same one is always called the same."""
    text = "|".join(parts)
    hidden = ACCOUNTS.hide(text).split("|")
    assert len(set(hidden)) == len(set(parts) or {""})
    assert ACCOUNTS.show(ACCOUNTS.hide(text)) == ACCOUNTS.without_others(text)


@LAW
@given(st.dictionaries(st.text(max_size=3), st.binary() | st.tuples() | st.sets(st.integers()), min_size=1))
def test_what_json_cannot_hold_is_unknown(value: Any) -> None:
    """It is no value in the recording, and recording does not break of it."""
    line = fact_line(HealthRequest("s", "u", ""), Observation(State.VALUE, [value]))
    assert (line["state"], line["value"]) == ("failed", None)
    assert "could not be recorded" in json.loads(json.dumps(line))["reason"]


END = 10_000
STARTS = st.integers(0, END - 1)


def ask(start: int, most: int) -> AwsRequest:
    return AwsRequest.of("local", "r", "logs", "FilterLogEvents", {"startTime": start, "endTime": END}, most)


def answer(lines: list[int], start: int, most: int) -> list[dict[str, int]]:
    """What AWS answers where these lines are."""
    return [{"timestamp": line} for line in sorted(lines) if line >= start][: most or None]


@LAW
@given(
    st.lists(STARTS, max_size=8),
    st.lists(st.tuples(STARTS, st.integers(0, 4)), min_size=1, max_size=3),
    STARTS,
    st.integers(0, 4),
)
def test_lines_of_another_window_are_told_from_those_that_were_seen(
    lines: list[int], asked: list[tuple[int, int]], start: int, most: int
) -> None:
    """Only lines that are there, as many as AWS would tell, and nothing where that is not known."""
    seen = [(ask(*one), Observation(State.VALUE, {"events": answer(lines, *one)})) for one in asked]
    told = Windows(seen).answer(ask(start, most))
    expected = answer(lines, start, most)
    if told is not None:
        events = told.value["events"]
        assert len(events) == len(expected)
        assert all(event in answer(lines, start, 0) for event in events)
    if any(began <= start and not count for began, count in asked):
        assert told is not None
