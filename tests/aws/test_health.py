"""HTTP health endpoints through real sockets: what is down, what is slow, and what was only a passing fault."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from fixtures.aws.health import HealthReader, HealthRequest
from fixtures.observations import Observation

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + b'{"state": "Healthy"}'
DOWN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@contextmanager
def answering(*answers: bytes) -> Iterator[Callable[[], Observation]]:
    """A socket that answers each connection with the next of ``answers``, and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    pauses: list[float] = []

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/health"

    def read() -> Observation:
        observation, usage = HealthReader(sleep=pauses.append).read(HealthRequest("local", url, url))
        assert usage.calls["http.GET"] == len(pauses) + 1
        return observation

    with listener:
        yield read


def test_a_healthy_answer() -> None:
    """Status code, status field in lower case, and the time it took."""
    with answering(OK) as read:
        answer = read().value
    assert (answer.status_code, answer.status) == (200, "healthy")
    assert 0 < answer.seconds < 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"status": "ok"}', "ok"),
        (b'{"state": "degraded"}', "degraded"),
        (b'{"overall": "healthy"}', "healthy"),
        (b'{"health": "OK"}', "ok"),
        (b'{"status": "ok", "overall": "unhealthy"}', "ok and unhealthy"),
        (b'{"health": {"db": "postgres://user:secret@host"}}', None),
        (b'{"uptime": 3}', None),
        (b"[]", None),
        (b"healthy", None),
        (b"", None),
        (b"\xff\xfe", None),
    ],
)
def test_where_the_status_is_read(body: bytes, status: str | None) -> None:
    """Only from a JSON object's own field; nothing else is guessed at."""
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body) as read:
        assert read().value.status == status


def test_a_passing_gateway_error_is_tried_again() -> None:
    """Twice at most."""
    with answering(DOWN, b"", OK) as read:
        assert read().value.status_code == 200


def test_a_lasting_gateway_error_is_the_answer() -> None:
    """The endpoint said 503: that is an observation."""
    with answering(DOWN, DOWN, DOWN) as read:
        assert read().value.status_code == 503


def test_other_errors_are_not_tried_again() -> None:
    """A 500 is the service's own word."""
    with answering(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n") as read:
        assert read().value.status_code == 500


def test_a_redirect_is_not_followed() -> None:
    """A login page elsewhere may well answer 200."""
    with answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n") as read:
        assert read().value.status_code == 302


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", b"\x00\x01\x02"])
def test_an_answer_that_breaks_off_is_none(answer: bytes) -> None:
    """Its callers get nothing either."""
    with answering(answer, answer, answer) as read:
        assert read().state == "absent"


def test_an_endless_answer_has_no_status() -> None:
    """It is an answer, of which only so much is read."""
    with answering(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 200_000) as read:
        answer = read().value
    assert (answer.status_code, answer.status) == (200, None)


def test_an_answer_that_cannot_be_unpacked_has_no_status() -> None:
    """The endpoint did answer."""
    with answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc") as read:
        answer = read().value
    assert (answer.status_code, answer.status) == (200, None)


def test_a_proxy_that_does_not_work_says_nothing_about_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Could not look."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    reader = HealthReader(sleep=lambda _: None)
    observation, _ = reader.read(HealthRequest("prod", "https://host.invalid/", "https://host.invalid/"))
    assert observation.state == "failed"


def test_a_refused_connection_is_no_answer() -> None:
    """Down, as seen from outside."""
    reader = HealthReader(sleep=lambda _: None)
    observation, usage = reader.read(HealthRequest("prod", "http://127.0.0.1:1/", "http://127.0.0.1:1/"))
    assert (observation.state, observation.reason) == ("absent", "no answer (the connection was refused)")
    assert usage.calls["http.GET"] == 3


def test_a_resolver_that_fails_says_nothing_about_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """Could not look: unknown, not down."""

    def unavailable(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unavailable)
    reader = HealthReader(sleep=lambda _: None)
    observation, _ = reader.read(HealthRequest("prod", "http://host.invalid/", "http://host.invalid/"))
    assert observation.state == "failed"
