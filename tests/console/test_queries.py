"""The console asks for nothing that a service does not document: each query, and each field of its answer."""

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from console import backend, queries
from tests.architecture.applications import APPLICATIONS

QUERIES = {f"{one.service} {one.method} {one.path}": one for one in queries.EVERY}
DESCRIBED = {
    name: one for name, one in QUERIES.items() if one not in queries.READY.values() and one.answer is not None
}
"""The queries whose answers OpenAPI documents describe. Of health and files they name no model."""

EACH = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)

Schema = Mapping[str, Any]


def operation_of(query: backend.Query[Any]) -> Schema:
    """What the service's OpenAPI document says of a query. The names within braces do not matter.

    The routes that ask for a run have the report's name in place of a parameter.
    """
    documented = APPLICATIONS[query.service].openapi()["paths"]
    shapes = {re.sub(r"\{\w+\}", "{}", path): methods for path, methods in documented.items()}
    shape = re.sub(r"\{\w+\}", "{}", query.path.replace("{report}/runs", "child-count/runs"))
    assert shape in shapes, f"{query.service} has no {query.path}"
    assert query.method.lower() in shapes[shape], f"{query.service} has no {query.method} {query.path}"
    found: Schema = shapes[shape][query.method.lower()]
    return found


def undocumented(query: backend.Query[Any]) -> Iterator[str]:
    """The fields that the console reads and the service does not document."""
    document = APPLICATIONS[query.service].openapi()
    success = next(said for status, said in operation_of(query)["responses"].items() if status < "3")
    answer = success["content"]["application/json"]["schema"]
    yield from _missing(query.answer, answer, document, query.path)


def _missing(model: Any, schema: Schema, document: Schema, at: str) -> Iterator[str]:
    for inner, described in _matched(model, list(_alternatives(schema, document))):
        names = {name: field for name, field in inner.model_fields.items() if field.exclude is not True}
        for name, field in names.items():
            if name in described:
                yield from _missing(field.annotation, described[name], document, f"{at} {name}")
            elif field.is_required():
                yield f"{at}: {name}"


def _matched(model: Any, described: list[Schema]) -> Iterator[tuple[type[BaseModel], Schema]]:
    """The models within a type, each with the properties of the documented object that fits best."""
    for inner in _models(model):
        fitting = max(described, key=lambda one: _fit(inner, one), default=None)
        if fitting is not None:
            yield inner, fitting
        else:
            yield inner, {}


def _fit(model: type[BaseModel], one: Schema) -> tuple[int, int]:
    """How well a documented object fits a model: the most fields in common, then the fewest others."""
    return len(model.model_fields.keys() & one), -len(one)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _models(get_args(annotation)[0])
    elif origin in (Union, UnionType, tuple, list):
        for one in get_args(annotation):
            yield from _models(one)
    elif origin is not Literal and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _alternatives(schema: Schema, document: Schema) -> Iterator[Schema]:
    """The properties of each object that a schema allows, in lists too."""
    if reference := schema.get("$ref"):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        yield from _alternatives(found, document)
        return
    for several in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(several, ()):
            yield from _alternatives(one, document)
    if isinstance(schema.get("items"), dict):
        yield from _alternatives(schema["items"], document)
    if "properties" in schema:
        yield schema["properties"]


@EACH
def test_the_service_documents_the_query(query: backend.Query[Any]) -> None:
    """The service has the query's address and method."""
    assert operation_of(query)


@pytest.mark.parametrize("query", DESCRIBED.values(), ids=DESCRIBED)
def test_the_service_documents_each_field_that_the_console_reads(query: backend.Query[Any]) -> None:
    """A field that a service renames is noticed here, and not by a person with a blank screen."""
    assert list(undocumented(query)) == []


def test_a_renamed_field_is_noticed() -> None:
    """The check itself finds a field that the service does not have."""

    class Renamed(BaseModel):
        student_id: str
        nickname: str

    wrong = backend.Query[Renamed]("students", "/students/{student_id}", Renamed)
    assert list(undocumented(wrong)) == ["/students/{student_id}: nickname"]
