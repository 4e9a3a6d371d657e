"""``python -m canned --root DIR --delay-ms 50``: serve a project's catalogue until SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from canned.responder import Responder
from canned.server import serve
from canned.world import World


def main() -> None:
    """Print ``ready PORT`` when it can be asked."""
    parser = argparse.ArgumentParser(prog="canned", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the project whose services/*.yaml is served")
    parser.add_argument("--stage", default="local")
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--delay-ms", type=float, default=50.0, help="what every call waits")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    responder = Responder(World.of(given.root, given.stage))
    asyncio.run(
        serve(responder.respond, given.port, given.delay_ms / 1000, lambda port: print(f"ready {port}", flush=True))
    )


if __name__ == "__main__":
    main()
