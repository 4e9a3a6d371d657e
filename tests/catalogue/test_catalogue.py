"""The committed catalogue, its schemas, and how stages and services select from it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from fixtures.catalogue import load_catalogue
from fixtures.catalogue.declarations import Declaration
from fixtures.catalogue.document import Document
from fixtures.catalogue.schema import schemas
from tests.conftest import ROOT

CATALOGUE = load_catalogue(ROOT)


def test_committed_schemas_are_current() -> None:
    """What editors check against is what the loader checks."""
    for name, text in schemas().items():
        committed = (ROOT / "services" / "schema" / name).read_text()
        assert committed == text, f"{name} is out of date: run python -m fixtures.catalogue.schema"


@pytest.mark.parametrize("path", sorted((ROOT / "services").glob("*.yaml")), ids=lambda path: path.name)
def test_committed_files_satisfy_the_schema_that_they_name(path: Path) -> None:
    """The schema is not stricter than the loader."""
    text = path.read_text()
    schema = text.split("$schema=")[1].split()[0]
    jsonschema.validate(Document.read(path, path.name).data, json.loads((ROOT / "services" / schema).read_text()))


def test_every_service_uses_its_own_spelling_of_a_stage() -> None:
    """opportunity-analysis calls prod production."""
    names = {resource.name for resource in CATALOGUE.declared(["prod"], ["opportunity-analysis"])}
    assert "opportunity-analysis-production" in names
    assert not any("-prod-" in name or "{" in name for name in names)


def test_resources_are_told_apart() -> None:
    """No two declared resources of all stages share a key, or an id within their kind."""
    declared = CATALOGUE.declared(CATALOGUE.stages)
    assert len({resource.key for resource in declared}) == len(declared)
    assert len({(resource.kind, resource.id) for resource in declared}) == len(declared)


def test_every_kind_is_declared_somewhere() -> None:
    """A kind that no service declares would be checked by nothing."""
    kinds = {declaration.kind for declaration in Declaration.__subclasses__()}
    assert {resource.kind for resource in CATALOGUE.declared(CATALOGUE.stages)} == kinds
