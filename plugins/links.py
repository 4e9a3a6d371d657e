"""Links into runbooks, which must lead to a heading."""

from __future__ import annotations

import functools
import re
from pathlib import Path


def leads_somewhere(root: Path, link: str) -> bool:
    """Whether the file of ``runbooks/x.md#anchor`` exists, and the heading in it where one is named."""
    path, _, anchor = link.partition("#")
    return (root / path).is_file() and (not anchor or anchor in anchors(root / path))


@functools.cache
def anchors(path: Path) -> frozenset[str]:
    """Anchors of a Markdown file's headings, made as GitHub makes them."""
    text = re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8"))
    lines = text.splitlines()
    titles = (line.lstrip("#").strip().lower() for line in lines if line.startswith("#"))
    return frozenset(re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles)
