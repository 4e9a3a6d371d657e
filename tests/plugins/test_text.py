"""Laws of text that came from outside."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from plugins.text import markdown, plain

anything = st.text(alphabet=st.characters(exclude_categories=()))


@given(anything)
def test_plain_text_shows_everything_and_does_nothing(text: str) -> None:
    """No control, no escape, no reordering mark, no lone surrogate, on one line, not endless."""
    shown = plain(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert len(shown) <= 500
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S"), include_characters=" "), max_size=500))
def test_visible_text_stays_as_it_is(text: str) -> None:
    """Nothing readable is lost."""
    assert plain(text) == text


@given(anything)
def test_markdown_opens_nothing(text: str) -> None:
    """Only the escapes' own characters are left of those that mean something."""
    escaped = markdown(text)
    assert not set(escaped) & set("\\`*_{}[]()+!|~<>@\n")
    assert all(part.startswith("#") for part in escaped.split("&")[1:])
