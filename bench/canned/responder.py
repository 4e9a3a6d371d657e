"""From a request to the bytes of its answer."""

from __future__ import annotations

import json

from canned.answers import ANSWERS
from canned.call import call_of
from canned.server import Reply
from canned.wire import http, reply_of
from canned.world import World

HEALTH = "/_http/"
"""Under which the embedded stage's health endpoints answer, whatever their host."""
HEALTHY = http(200, json.dumps({"status": "healthy"}).encode(), "application/json")


class Responder:
    """Answers from a world, and remembers what it has answered: equal questions have equal answers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def respond(self, method: str, target: str, head: bytes, body: bytes) -> Reply:
        """The answer to one request, and the name it is counted under."""
        if target.startswith(HEALTH):
            return "http.GET", HEALTHY
        call = call_of(method, target, head, body)
        if call is None or call.name not in ANSWERS:
            name = call.name if call else f"{method} {target}"
            said = {"__type": "NotImplemented", "message": f"the canned endpoint has no answer for {name}"}
            return name, http(501, json.dumps(said).encode(), "application/x-amz-json-1.1")
        answer = ANSWERS[call.name](self._world, call)
        return call.name, reply_of(call.name, answer)
