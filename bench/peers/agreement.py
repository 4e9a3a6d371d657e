"""Whether everybody saw the same: what the suite kept of an answer, looked up in what another reader got."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from peers.record import Fact, Record, key_of


class Disagreement(Exception):
    """A peer got another answer than the suite, or none."""


def digest_of(record: Record, answers: Iterable[tuple[Fact, Any]], who: str) -> str:
    """A digest of what ``who`` saw; the same for all who saw what the suite saw.

    Raises:
        Disagreement: with the first fact that differs.
    """
    got = {key_of(fact): answer for fact, answer in answers}
    if missing := set(record.facts) - set(got):
        raise Disagreement(f"{who} did not read {len(missing)} facts, such as {min(missing)}")
    lines = []
    for key, (state, value) in sorted(record.seen.items()):
        if state != "value":
            raise Disagreement(f"the suite saw no value of {key} but {state}")
        wanted, seen = canonical(record.facts[key], value, value), canonical(record.facts[key], got[key], value)
        if wanted != seen:
            raise Disagreement(f"{who} saw {seen} where the suite saw {wanted}: {key}")
        lines.append(f"{key} {seen}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def canonical(fact: Fact, answer: Any, like: Any) -> str:
    """What of an answer the suite keeps, as text; times as epoch seconds, the time a health endpoint took left out."""
    if fact["kind"] == "health":
        return f"{answer.get('status_code', 200)} {answer['status']}"
    return json.dumps(_asked(fact, kept_of(answer, like)), sort_keys=True)


def _asked(fact: Fact, answer: Any) -> Any:
    """The part of an answer that the request is about: the suite asks for many log groups in one call."""
    names = fact["parameters"].get("logGroupIdentifiers")
    if not names:
        return answer
    return {"logGroups": [group for group in answer["logGroups"] if group["logGroupName"] in names]}


def kept_of(answer: Any, like: Any) -> Any:
    """The fields of ``answer`` that ``like`` has too."""
    if isinstance(like, dict) and isinstance(answer, dict):
        return {name: kept_of(answer.get(name), below) for name, below in like.items()}
    if isinstance(like, list) and isinstance(answer, list) and like:
        return [kept_of(one, like[min(place, len(like) - 1)]) for place, one in enumerate(answer)]
    return _instant(answer)


def _instant(value: Any) -> Any:
    """Text of a time as epoch seconds: every reader writes it in its own way."""
    if not isinstance(value, str) or value[4:5] != "-" or not value[:4].isdecimal():
        return value
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return value
