"""Text that came from outside, made harmless: what AWS returned may hold anything."""

from __future__ import annotations

import unicodedata

MAX_LENGTH = 500

INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that act on a terminal or on the reading order instead of showing something."""


def plain(text: object, max_length: int = MAX_LENGTH) -> str:
    """One line of visible text: controls, escapes and reordering marks as ``\\x1b``-like escapes, cut where long."""
    shown = "".join(_visible(character) for character in str(text))
    return shown if len(shown) <= max_length else shown[: max_length - 1] + "…"


def _visible(character: str) -> str:
    if character == " " or unicodedata.category(character) not in INVISIBLE:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


MARKDOWN = str.maketrans({character: f"&#{ord(character)};" for character in "\\`*_{}[]()#+!|~<>&@"})


def markdown(text: object) -> str:
    """Text for Markdown, in which it can open no tag, link, table cell, code span or mention."""
    return plain(text).translate(MARKDOWN)
