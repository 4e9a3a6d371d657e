"""A file that is no whole recording of this suite is a clear usage error, whatever is wrong with it."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.catalogue import load_catalogue
from fixtures.evidence import EvidenceError
from fixtures.evidence.bundle import load
from fixtures.evidence.sanitising import Accounts
from tests.conftest import ROOT, Ran

ACCOUNTS = Accounts(load_catalogue(ROOT).stages)

FOREIGN = {
    "empty": b"",
    "blank": b"\n",
    "binary": bytes(range(256)),
    "another JSON": b'{"verdict": "GO"}',
    "JSON that is no mapping": b"[1, 2]\n",
    "another JSONL": b'{"a": 1}\n{"a": 2}\n',
    "HTML": b"<!doctype html>\n<title>Sign in</title>\n",
    "nested without end": b"[" * 100_000,
    "one huge line": b'"' + b"x" * 5_000_000 + b'"',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_refused(replay: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    """Exit code 4 and one message: the file, what it is not, and what to give."""
    path = tmp_path / "foreign"
    path.write_bytes(FOREIGN[name])
    require_refusal(replay(path), path, "is no evidence of this suite; give a file that --record has written")


def require_refusal(ran: Ran, path: Path, message: str) -> None:
    assert ran.code == 4, ran.output
    assert ran.output.strip() == f"ERROR: --replay: {path} {message}"
    assert list(ran.reports.glob("*")) == []


PLACES = {
    "/proc/self/mem": "cannot be read (Input/output error)",
    "/dev/zero": "is no file",
    "/tmp": "is no file",
    "/none/evidence.jsonl": "cannot be read (No such file or directory)",
    "e" * 300: "cannot be read (File name too long)",
}


@pytest.mark.parametrize("place", PLACES)
def test_what_cannot_be_read_is_refused(replay: Callable[..., Ran], place: str) -> None:
    """A file that is not there, a folder, a device that never ends, a file that gives nothing away."""
    require_refusal(replay(Path(place)), Path(place), f"{PLACES[place]}; give a file that --record has written")


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def sealed(*lines: Any) -> bytes:
    """Lines with a seal that fits, whatever they say."""
    body = b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    return body + json.dumps({"sha256": hashlib.sha256(body).hexdigest()}).encode() + b"\n"


CHANGED = "was changed after it was recorded; record it again"
BROKEN_OFF = "breaks off before its end, or goes on after it; record it again"
DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "broken off in a line": (lambda whole: whole[: len(whole) // 2], BROKEN_OFF),
    "two in one": (lambda whole: whole + whole, CHANGED),
    "a blank line at the end": (lambda whole: whole + b"\n", BROKEN_OFF),
    "another's line ends": (lambda whole: whole.replace(b"\n", b"\r\n"), BROKEN_OFF),
    "version 2": (
        lambda whole: whole.replace(b'"version": 1', b'"version": 2', 1),
        "is evidence of version '2', and this suite reads 1; record it again",
    ),
    "compressed": (gzip.compress, "is no evidence of this suite; give a file that --record has written"),
    "a check's outcome": (lambda whole: whole.replace(b'"passed"', b'"failed"', 1), CHANGED),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_recording_is_refused(replay: Callable[..., Ran], evidence: Path, name: str) -> None:
    """Exit code 4, what is wrong, and what to do."""
    damage, message = DAMAGES[name]
    evidence.write_bytes(damage(evidence.read_bytes()))
    require_refusal(replay(evidence), evidence, message)


def refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        load(path, ACCOUNTS)
    except EvidenceError as error:
        return str(error).startswith(f"{path} ")
    return False


def test_a_recording_that_breaks_off_anywhere_is_refused(evidence: Path) -> None:
    """At the end of each line and within each, the last one's end included."""
    whole = evidence.read_bytes()
    ends = [sum(map(len, lines_of(whole)[:count])) for count in range(len(lines_of(whole)))]
    cuts = {*ends, *(end + 1 for end in ends), *(end + 40 for end in ends), *range(len(whole) - 80, len(whole))}
    assert not refused(evidence, whole)
    assert [cut for cut in sorted(cuts) if not refused(evidence, whole[:cut])] == []


def test_a_changed_byte_is_refused(evidence: Path) -> None:
    """Wherever it is: each of the first and the last line, and a sample of the rest."""
    whole = evidence.read_bytes()
    places = {*range(len(lines_of(whole)[0])), *range(len(whole) - 90, len(whole))}
    chance = random.Random(len(whole))
    places |= {chance.randrange(len(whole)) for _ in range(200)}
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        assert refused(evidence, bytes(changed)), (place, changed[place])


@pytest.mark.parametrize("change", ["removed", "doubled", "moved"])
def test_a_line_that_is_not_in_its_place_is_refused(evidence: Path, change: str) -> None:
    """Each line of the file, the head and the seal among them."""
    lines = lines_of(evidence.read_bytes())
    for number, line in enumerate(lines):
        rest = lines[:number] + lines[number + 1 :]
        moved = {"removed": rest, "doubled": [*lines[:number], line, line, *lines[number + 1 :]]}
        moved["moved"] = [*rest[: number - 1], line, *rest[number - 1 :]] if number else [*rest, line]
        assert refused(evidence, b"".join(moved[change])), number


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda line: {key: value for key, value in line.items() if key != name}


def with_(**changes: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda line: {**line, **changes}


AWS = {"kind": "aws", "stage": "local", "region": "r", "service": "s", "operation": "O", "parameters": {}}
NONSENSE: dict[str, tuple[int, Callable[[dict[str, Any]], Any]]] = {
    "stages that are no list": (0, with_(stages="local")),
    "no services": (0, without("services")),
    "more than there is": (0, with_(more=1)),
    "a naive start": (0, with_(started="2026-01-01T00:00:00")),
    "a naive instant": (0, with_(instant="2026-01-01T00:00:00")),
    "a fault that is no text": (0, with_(faults=[{}])),
    "a fact without what it is": (1, without("fact")),
    "a fact of no kind": (1, with_(fact=without("kind")(AWS))),
    "a fact of another kind": (1, with_(fact={**AWS, "more": 1})),
    "parameters that are none": (1, with_(fact={**AWS, "parameters": "all"})),
    "a maximum that is none": (1, with_(fact={**AWS, "max_items": "all"})),
    "a state that nobody knows": (1, with_(state="perhaps")),
    "a naive time of a fact": (1, with_(at="2026-01-01T00:00:00")),
    "a time that is none": (1, with_(at=5)),
    "a naive time in an answer": (1, with_(value={"$time": "2026-01-01T00:00:00"})),
    "a health answer that is none": (1, with_(value={"$health": {"status_code": "ok"}})),
    "a reason that is no text": (1, with_(reason=None)),
    "a line that is no mapping": (1, lambda _: []),
    "a line that is nothing": (1, lambda _: None),
    "no consumption": (-1, without("usage")),
    "calls that are no numbers": (-1, with_(usage={"calls": {"sqs.GetQueueAttributes": "many"}})),
    "seconds that are no number": (-1, with_(seconds="few")),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_under_a_seal_that_fits_is_refused(evidence: Path, name: str) -> None:
    """Whoever wrote it, and however carefully."""
    lines: list[Any] = [json.loads(line) for line in lines_of(evidence.read_bytes())[:-1]]
    assert not refused(evidence, sealed(*lines))
    number, change = NONSENSE[name]
    lines[number] = change(lines[number])
    assert refused(evidence, sealed(*lines))


def test_nesting_and_repetition_under_a_seal_that_fits_are_refused(replay: Callable[..., Ran], evidence: Path) -> None:
    """A fact that is there twice could be either; one that is nested without end is none."""
    lines = lines_of(evidence.read_bytes())
    assert refused(evidence, sealed(lines[0], lines[1], *lines[1:-1]))
    assert refused(evidence, sealed(lines[0]))
    evidence.write_bytes(sealed(lines[0], b"[" * 100_000 + b"]" * 100_000 + b"\n", *lines[1:-1]))
    require_refusal(replay(evidence), evidence, "is damaged (RecursionError); record it again")
