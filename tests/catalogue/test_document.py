"""YAML files are read by the rules of YAML 1.2, with the line of everything in them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fixtures.catalogue.document import Document

PLAIN = {
    "on": "on",
    "no": "no",
    "1:30": "1:30",
    "010": 10,
    "0x10": "0x10",
    "1_000": "1_000",
    "2026-01-01": "2026-01-01",
    "true": True,
    "False": False,
    "~": None,
    "": None,
    "-3": -3,
    "0.5": 0.5,
    "-.inf": -math.inf,
    "1e3": 1000.0,
    '"012345678901"': "012345678901",
    "rate(15 minutes)": "rate(15 minutes)",
}


@pytest.mark.parametrize("text", PLAIN)
def test_plain_values_are_what_they_look_like(tmp_path: Path, text: str) -> None:
    """A word that YAML 1.1 takes for true, or a time of day for a number, stays text."""
    value = read(tmp_path, f"key: {text}\n").data["key"]
    assert (value, type(value)) == (PLAIN[text], type(PLAIN[text]))


REFUSED = {
    "a key twice": ("a: 1\nb:\n  c: 1\n  c: 2\n", "duplicate key 'c'", 4),
    "a tag": ("a: !!python/object:os.system x\n", "means nothing here", 1),
    "a loop": ("a: &a\n  - *a\n", "alias", 1),
    "a key that is a list": ("? [a]\n: 1\n", "a key that is", 1),
    "a second document": ("a: 1\n---\nb: 2\n", "single document", 2),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_plain_data_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    """Never taken for something else."""
    text, problem, line = REFUSED[name]
    with pytest.raises(yaml.MarkedYAMLError) as raised:
        read(tmp_path, text)
    assert problem in str(raised.value)
    assert raised.value.problem_mark is not None
    assert raised.value.problem_mark.line + 1 == line


@pytest.mark.parametrize("text", ["", "- a\n", "text\n"])
def test_a_file_holds_one_mapping(tmp_path: Path, text: str) -> None:
    """Nothing else is a catalogue file."""
    with pytest.raises(ValueError, match="not a mapping"):
        read(tmp_path, text)


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"), min_size=1)
NESTED: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)


@given(st.dictionaries(TEXT, NESTED, max_size=4))
def test_data_comes_back_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]) -> None:
    """Whatever the text, and every key is on the line that it stands on."""
    text = yaml.safe_dump(data, allow_unicode=True, default_flow_style=False, width=1_000_000)
    document = read(tmp_path_factory.mktemp("yaml"), text)
    assert document.data == data
    lines = [document.line((key,)) for key in document.data]
    assert lines == sorted(set(lines))


def read(folder: Path, text: str) -> Document:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return Document.read(path, "file.yaml")
