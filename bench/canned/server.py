"""HTTP/1.1 with as little work a request as it takes, and a wait that nobody spins for.

The answer is computed when the request arrives and sent when the wait is over, so computing it delays nothing.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
from collections import Counter
from collections.abc import Callable

from canned.wire import http

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
USAGE = "/_bench/usage"
"""Where the endpoint tells what it was asked, and what that cost it."""

Reply = tuple[str, bytes]
"""What was asked for, as it is counted; and the response."""
Respond = Callable[[str, str, bytes, bytes], Reply]
"""From method, target, head and body of a request."""


class Ledger:
    """What was asked since somebody last read it."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self._cpu = cpu_seconds()

    def take(self) -> bytes:
        """Calls by name and the endpoint's own CPU seconds, as a response; counting starts anew."""
        cpu = cpu_seconds()
        body = json.dumps({"calls": self.calls, "cpu_seconds": cpu - self._cpu}).encode()
        self.calls, self._cpu = Counter(), cpu
        return http(200, body, "application/json")


def cpu_seconds() -> float:
    """User and system time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Connection(asyncio.Protocol):
    """One client's connection, kept open; one request at a time."""

    def __init__(self, respond: Respond, ledger: Ledger, delay_seconds: float) -> None:
        self._respond, self._ledger, self._delay = respond, ledger, delay_seconds
        self._buffer = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(HEAD_END)) >= 0:
            head = self._buffer[:end]
            length = LENGTH.search(head)
            whole = end + len(HEAD_END) + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            body, self._buffer = self._buffer[end + len(HEAD_END) : whole], self._buffer[whole:]
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        if target == USAGE:
            self._transport.write(self._ledger.take())
            return
        name, reply = self._respond(method, target, head, body)
        self._ledger.calls[name] += 1
        self._loop.call_later(self._delay, self._send, reply)

    def _send(self, reply: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply)


async def serve(respond: Respond, port: int, delay_seconds: float, ready: Callable[[int], None]) -> None:
    """Serve until cancelled; ``ready`` is told the port."""
    ledger = Ledger()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(respond, ledger, delay_seconds), "127.0.0.1", port, backlog=1024
    )
    ready(server.sockets[0].getsockname()[1])
    await server.serve_forever()
