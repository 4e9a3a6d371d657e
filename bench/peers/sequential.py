"""``python -m peers.sequential READS ENDPOINT [--shared]``: the same facts, one call after the other, without pytest.

As people write it, each check makes its own clients and asks what it needs; with ``--shared`` each distinct fact is
asked once through clients that were made before. Prints JSON: seconds, CPU seconds of making clients and of asking, and
the answers.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from peers.reading import kept_clients, new_clients, read


def each_check(reads: dict[str, list[dict[str, Any]]], endpoint_url: str) -> list[Any]:
    """What every check needs, with its own clients."""
    answers = []
    for facts in reads.values():
        clients = kept_clients(new_clients(endpoint_url))
        answers += [(fact, read(fact, clients, endpoint_url)) for fact in facts]
    return answers


def distinct(reads: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Every fact once."""
    return list({json.dumps(fact, sort_keys=True): fact for facts in reads.values() for fact in facts}.values())


def main() -> None:
    reads = json.loads(Path(sys.argv[1]).read_text())
    endpoint_url, is_shared = sys.argv[2], "--shared" in sys.argv
    clients, facts = kept_clients(new_clients(endpoint_url)), distinct(reads)
    begun = time.process_time()
    if is_shared:
        for fact in facts:
            if fact["kind"] != "health":
                clients(fact["service"], fact["region"])
    made, started = time.process_time(), time.perf_counter()
    if is_shared:
        answers = [(fact, read(fact, clients, endpoint_url)) for fact in facts]
    else:
        answers = each_check(reads, endpoint_url)
    seconds, asked = time.perf_counter() - started, time.process_time()
    print(
        json.dumps(
            {"seconds": seconds, "cpu_clients": made - begun, "cpu": asked - made, "answers": answers}, default=str
        )
    )


if __name__ == "__main__":
    main()
