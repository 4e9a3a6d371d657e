"""The same facts by the ``aws`` and ``curl`` commands, one after the other, as a checklist script has them."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

from botocore import xform_name

from peers.reading import address_of

CLI_NAMES = {"s3": "s3api"}


def aws_command() -> str:
    """The ``aws`` that is installed; a version manager's stand-in for it would cost time of its own."""
    found = shutil.which("aws")
    if found is None:
        raise SystemExit("the aws command is not installed: bench/observe.py --cli-repetitions 0 leaves it out")
    if "pyenv" in Path(found).read_text(errors="replace").splitlines()[-1]:
        return subprocess.run(["pyenv", "which", "aws"], check=True, capture_output=True, text=True).stdout.strip()
    return found


def write_script(path: Path, facts: list[dict[str, Any]], endpoint_url: str) -> None:
    """A script that leaves the answer to fact N in N.json of the folder it runs in."""
    aws = aws_command()
    lines = [f"{command(fact, aws, endpoint_url)} > {number}.json" for number, fact in enumerate(facts)]
    path.write_text("\n".join(["#!/usr/bin/env bash", "set -e", *lines, ""]))


def command(fact: dict[str, Any], aws: str, endpoint_url: str) -> str:
    """One command."""
    if fact["kind"] == "health":
        return shlex.join(
            ["curl", "--silent", "--show-error", "--max-time", "10", address_of(fact["url"], endpoint_url)]
        )
    service, operation, options = _parts(fact)
    words = [aws, CLI_NAMES.get(service, service), xform_name(operation, "-"), "--output", "json"]
    words += ["--region", fact["region"], "--endpoint-url", endpoint_url]
    for name, value in options.items():
        words += [f"--{xform_name(name, '-')}", *_words(value)]
    return shlex.join(words)


def _parts(fact: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    options = dict(fact["parameters"])
    if fact.get("max_items"):
        options["MaxItems"] = fact["max_items"]
    return fact["service"], fact["operation"], options


def _words(value: Any) -> list[str]:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return [value if isinstance(value, str) else json.dumps(value)]
