"""In a process with this folder in PYTHONPATH nobody can be asked, and no embedded cloud be started."""

import os
import sys
from typing import Any


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    reaches_out = event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple)
    starts_a_cloud = event == "subprocess.Popen" and "fixtures.embedded" in arguments[1]
    if reaches_out or starts_a_cloud or event in ("socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["ATTEMPTS"], "a", encoding="utf-8") as attempts:
            attempts.write(f"{event} {arguments[1:]}\n")
        raise OSError("nobody can be asked here")


sys.addaudithook(_refuse)
