"""Which function answers which operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from canned.call import Call
from canned.world import World

Answer = Callable[[World, Call], dict[str, Any]]
ANSWERS: dict[str, Answer] = {}
"""By ``service.Operation``; filled when the modules beside this one are imported."""

CREATED = 1_767_225_600
"""When everything was made: 2026-01-01T00:00:00Z, as epoch seconds."""
CREATED_ISO = "2026-01-01T00:00:00Z"


def answers(name: str) -> Callable[[Answer], Answer]:
    """Register the function below as the answer to ``service.Operation``."""

    def register(answer: Answer) -> Answer:
        ANSWERS[name] = answer
        return answer

    return register


def page(items: list[Any], token: object, size: int) -> tuple[list[Any], str | None]:
    """Items from a page token on, at most ``size`` of them; and the next page's token, None on the last."""
    start = int(str(token or 0))
    end = start + size
    return items[start:end], str(end) if end < len(items) else None
