"""A network that misbehaves: a TCP proxy in front of a healthy embedded cloud, with a fault for each request.

It notes every request, and whether it was answered truly, so that a test can say what a run can have seen.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Event, Lock, Thread
from urllib.parse import unquote_plus, urlsplit

DRIP_SECONDS = 0.2
SERVICES = {"monitoring": "cloudwatch"}
"""Signing name to the client's name in boto3, where they differ."""
PATHS = {
    r"^GET /[\d-]+/functions/[^/]+/configuration": "GetFunctionConfiguration",
    r"^GET /[\d-]+/functions/[^/]+/concurrency": "GetFunctionConcurrency",
    r"^GET /[\d-]+/functions/[^/]+/aliases/": "GetAlias",
    r"^GET /[\d-]+/event-source-mappings": "ListEventSourceMappings",
    r"^GET /restapis/[^/]+/stages": "GetStages",
    r"^GET /restapis(\?|$)": "GetRestApis",
    r"^GET /[\d-]+/healthcheck/[^/]+/status": "GetHealthCheckStatus",
    r"^GET /[\d-]+/healthcheck(\?|$)": "ListHealthChecks",
    r"^HEAD /[^/]+$": "HeadBucket",
    r"^GET /_http/": "GET",
}
PREFLIGHT = "sts.GetCallerIdentity"


@dataclass(eq=False)
class Asked:
    """A request, and what became of it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)
    """When it came, by a monotonic clock in seconds."""
    is_true: bool = False
    """Whether it got the healthy cloud's own answer, whole."""

    @property
    def text(self) -> str:
        """Everything it says, readable."""
        expected = self.headers.get("x-amz-expected-bucket-owner", "")
        return "\n".join(
            (unquote_plus(self.path), unquote_plus(self.body.decode("latin-1")).replace('\\"', '"'), expected)
        )

    @property
    def service(self) -> str:
        """The client's name in boto3; ``http`` for a health endpoint."""
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("authorization", ""))
        return SERVICES.get(scope[1], scope[1]) if scope else "http"

    @property
    def region(self) -> str:
        """Where it is signed for."""
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", self.headers.get("authorization", ""))
        return scope[1] if scope else ""

    @property
    def name(self) -> str:
        """``service.Operation``."""
        return f"{self.service}.{self._operation}"

    @property
    def _operation(self) -> str:
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        if action := re.search(r"(?:^|&)Action=(\w+)", self.body.decode("latin-1")):
            return action[1]
        if rpc := re.match(r"/service/\w+/operation/(\w+)", self.path):
            return rpc[1]
        line = f"{self.method} {self.path}"
        return next((name for pattern, name in PATHS.items() if re.search(pattern, line)), line)

    @property
    def protocol(self) -> str:
        """How an error is said to its caller."""
        if "x-amz-target" in self.headers:
            return "json"
        return "rest-json" if self.service in ("lambda", "apigateway") else "xml"


Send = Callable[[bytes], None]


class Hangup(Exception):
    """Ends a connection; rudely, where its argument says so."""


@dataclass(frozen=True)
class Turn:
    """A request at the moment it has to be answered."""

    asked: Asked
    send: Send
    forward: Callable[[], tuple[int, dict[str, str], bytes]]
    """Asks the healthy cloud."""
    closing: Event
    """Set when the proxy goes away."""

    def reply(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Answer, whole."""
        self.send(head(status, {"Content-Length": str(len(body)), **(headers or {})}))
        if self.asked.method != "HEAD":
            self.send(body)


Fault = Callable[[Turn], None]


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def truly(turn: Turn) -> None:
    """The healthy cloud's own answer."""
    status, headers, body = turn.forward()
    turn.asked.is_true = True
    turn.send(head(status, headers) + (b"" if turn.asked.method == "HEAD" else body))


def refused(code: str, status: int) -> Fault:
    """An error, in the words of the caller's protocol."""

    def fault(turn: Turn) -> None:
        if turn.asked.protocol == "xml":
            body = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>".encode()
            turn.reply(status, body, {"Content-Type": "text/xml"})
        else:
            body = json.dumps({"__type": code, "message": "no"}).encode()
            turn.reply(status, body, {"x-amzn-errortype": code})

    return fault


def throttled(turn: Turn) -> None:
    """Says to ask more slowly."""
    code, status = {"json": ("ThrottlingException", 400), "rest-json": ("TooManyRequestsException", 429)}.get(
        turn.asked.protocol, ("Throttling", 400)
    )
    refused(*(("SlowDown", 503) if turn.asked.service == "s3" else (code, status)))(turn)


def reset(turn: Turn) -> None:
    """The connection is torn down."""
    raise Hangup("rudely")


def hanging(turn: Turn) -> None:
    """No answer, ever."""
    turn.closing.wait()
    raise Hangup


def dripping(turn: Turn) -> None:
    """An answer that begins well and never ends, so that no timeout between two bytes is ever reached."""
    turn.send(head(200, {"Content-Length": "1000000"}) + b" ")
    while not turn.closing.wait(DRIP_SECONDS):
        turn.send(b" ")
    raise Hangup


def cut_short(turn: Turn) -> None:
    """Half of the true answer, where all of it was promised."""
    status, headers, body = turn.forward()
    if turn.asked.method == "HEAD":
        raise Hangup  # An answer without a body is cut off before it begins.
    turn.send(head(status, {**headers, "Content-Length": str(len(body))}) + body[: len(body) // 2])
    raise Hangup


def malformed(turn: Turn) -> None:
    """Half of the true answer, as if that were all."""
    status, _, body = turn.forward()
    turn.reply(status, body[: len(body) // 2])


def wrong_type(turn: Turn) -> None:
    """Well-formed, and not of the shape that the service model says."""
    turn.reply(200, b'["nothing"]' if turn.asked.protocol != "xml" else b"<Nothing><At>all</At></Nothing>")


def wrong_fields(turn: Turn) -> None:
    """The fields are there, and hold something else."""
    _, _, body = turn.forward()
    fields = json.loads(body) if turn.asked.protocol != "xml" and body else {}
    turn.reply(200, json.dumps(dict.fromkeys(fields, 7)).encode() if fields else b"<A><B>7</B></A>")


def gateway_page(turn: Turn) -> None:
    """A page for people, by something in between."""
    turn.reply(200, b"<html><body><p>Please sign in</p></body></html>", {"Content-Type": "text/html"})


def empty(turn: Turn) -> None:
    """Nothing, successfully."""
    turn.reply(200, b"")


def nothing_in_it(turn: Turn) -> None:
    """A well-formed answer without a single field."""
    turn.reply(200, b"{}" if turn.asked.protocol != "xml" else b"<Answer/>")


def of_another(turn: Turn) -> None:
    """A true answer of another service."""
    if turn.asked.protocol == "xml":
        body = b"<GetSessionTokenResponse><GetSessionTokenResult/></GetSessionTokenResponse>"
    else:
        body = b'{"Buckets": [], "Owner": {"DisplayName": "x"}}'
    turn.reply(200, body)


def redirected(turn: Turn) -> None:
    """Sends the caller somewhere else."""
    turn.reply(302, b"", {"Location": "http://127.0.0.1:9/"})


class Chaos:
    """The proxy. ``fault`` decides on each request; None for the true answer."""

    def __init__(self, cloud: str, fault: Callable[[Asked], Fault | None] = lambda asked: None) -> None:
        self.fault = fault
        self.asked: list[Asked] = []
        self._cloud = urlsplit(cloud).netloc
        self._closing = Event()
        self._lock = Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Chaos:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.close()

    def calls(self) -> Counter[str]:
        """How often each operation was asked, the run's own look at its credentials before it begins left out."""
        with self._lock:
            calls = Counter(asked.name for asked in self.asked)
        calls[PREFLIGHT] -= 1
        return +calls

    def answered_truly(self, name: str, *words: str) -> bool:
        """Whether a request of that operation, with all these words in it, got the true answer."""
        return any(
            asked.is_true and asked.name == name and all(word in asked.text for word in words) for asked in self.asked
        )

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                with connection.makefile("rb") as stream:
                    while (asked := _read(stream)) is not None:
                        self._answer(asked, connection)
            except Hangup as how:
                if how.args:
                    linger = struct.pack("ii", 1, 0)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            except OSError:
                return

    def _answer(self, asked: Asked, connection: socket.socket) -> None:
        with self._lock:
            self.asked.append(asked)
            is_preflight = asked.name == PREFLIGHT and sum(one.name == PREFLIGHT for one in self.asked) == 1
            fault = None if is_preflight else self.fault(asked)
        turn = Turn(asked, connection.sendall, lambda: self._forward(asked), self._closing)
        (fault or truly)(turn)

    def _forward(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        cloud = HTTPConnection(self._cloud, timeout=60)
        try:
            kept = {name: value for name, value in asked.headers.items() if name != "connection"}
            cloud.request(asked.method, asked.path, asked.body or None, kept)
            answer = cloud.getresponse()
            body = answer.read()
        finally:
            cloud.close()
        left_out = ("connection", "transfer-encoding", "keep-alive")
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in left_out}
        if asked.method != "HEAD":
            headers = {**{n: v for n, v in headers.items() if n.lower() != "content-length"}}
            headers["Content-Length"] = str(len(body))
        return answer.status, headers, body


def _read(stream: object) -> Asked | None:
    line = stream.readline().decode("latin-1").split()  # type: ignore[attr-defined]
    if len(line) < 3:
        return None
    headers: dict[str, str] = {}
    while (entry := stream.readline().decode("latin-1").strip()) != "":  # type: ignore[attr-defined]
        name, _, value = entry.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0)))  # type: ignore[attr-defined]
    return Asked(line[0], line[1], headers, body)


def once(fault: Fault) -> Callable[[Asked], Fault | None]:
    """The first of all equal requests goes wrong, and the next ones do not."""
    known: set[str] = set()

    def decide(asked: Asked) -> Fault | None:
        question = asked.name + asked.text
        if question in known:
            return None
        known.add(question)
        return fault

    return decide
