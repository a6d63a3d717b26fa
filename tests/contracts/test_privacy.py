"""The messages that may name persons."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from contracts.catalog import BRIDGE
from contracts.message import PersonalValue, Value
from contracts.schemas import ENTRIES, generated

NAMES_ALLOWED = {BRIDGE, "students"}
PERSONAL = re.compile(r"name|birth|born|phone|email|address(?!ed)|suffix")
SSN = re.compile(r"ssn|social|tax")


def fields(node: Any) -> Iterator[str]:
    """Every field's name at any depth of a schema."""
    if isinstance(node, dict):
        yield from node.get("properties", {})
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from fields(item)


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_persons_are_named_in_the_students_messages_only(schema_id: str) -> None:
    """Only eScholar's and the students service's messages have names and birth dates."""
    if ENTRIES[schema_id].owner in NAMES_ALLOWED and schema_id not in ("Outcome.v1", "DeadLetter.v1"):
        return
    found = [field for field in fields(generated(ENTRIES[schema_id])) if PERSONAL.search(field)]
    assert not found, f"{schema_id} names somebody: {found}"


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_no_social_security_number(schema_id: str) -> None:
    """No message has a place for a Social Security number."""
    assert not [field for field in fields(generated(ENTRIES[schema_id])) if SSN.search(field)]


def parts(model: type[Value]) -> Iterator[type[Value]]:
    """A model and all its parts."""
    yield model
    for field in model.model_fields.values():
        yield from (found for inner in _models(field.annotation) for found in parts(inner))


def _models(annotation: Any) -> Iterator[type[Value]]:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


@pytest.mark.parametrize("schema_id", ENTRIES)
def test_persons_stay_out_of_logs(schema_id: str) -> None:
    """A printed message shows no name, so no log can show one by accident."""
    for part in parts(ENTRIES[schema_id].model):
        if any(PERSONAL.search(field) for field in part.model_fields):
            assert issubclass(part, PersonalValue), f"{part.__name__} names somebody: make it a PersonalValue"


def test_the_search_finds_persons() -> None:
    """The search for names finds the fields that have them."""
    schema = generated(ENTRIES["StudentAdded.v1"])
    assert {"first_name", "last_name", "birth_on"} <= {f for f in fields(schema) if PERSONAL.search(f)}
    assert any(issubclass(part, PersonalValue) for part in parts(ENTRIES["StudentAdded.v1"].model))
