"""A service refuses a command with an unknown field at any depth."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contracts import catalog, examples
from contracts.errors import FIELD_INVALID, FIELD_UNKNOWN
from services.chassis.decoding.bodies import read_command

STRANGE = "favourite_colour"


def strange(body: Any) -> Iterator[Any]:
    """The body with an unknown field, once for each place."""
    match body:
        case dict():
            yield body | {STRANGE: "green"}
            for field, value in body.items():
                yield from (body | {field: worse} for worse in strange(value))
        case list():
            for place, value in enumerate(body):
                yield from ([*body[:place], worse, *body[place + 1 :]] for worse in strange(value))


def spoilt(body: Any, by: Any) -> Iterator[Any]:
    """The body with one wrong value, once for each value at any depth."""
    match body:
        case dict():
            for field, value in body.items():
                yield from (body | {field: worse} for worse in (by, *spoilt(value, by)))
        case list():
            for place, value in enumerate(body):
                for worse in (by, *spoilt(value, by)):
                    yield [*body[:place], worse, *body[place + 1 :]]


@pytest.mark.parametrize("name", catalog.commands())
def test_what_is_wrong_is_said_in_words_of_the_trade(name: str) -> None:
    """The refusal of a wrong value says what the field takes and where that is described, and repeats no
    value."""
    entry = catalog.commands()[name]
    whole = examples.example(entry.schema_id)
    for by in ("Testa", "", "Testa" * 2_000, -7, 10**9, 1.5, None, True, [], ["Testa"], {"Testa": 1}):
        for body in spoilt(whole, by):
            read = read_command({name: entry}, name, json.dumps(body).encode())
            for finding in read if isinstance(read, tuple) else ():
                assert "nput" not in finding.message, (body, finding)
                assert "Testa" not in finding.message, (body, finding)
                if finding.code == FIELD_INVALID.code:
                    assert finding.solution == f"Correct the field; see contracts/schemas/{name}.v1.json."


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("student_id", "123", "a State ID has ten digits"),
        ("begin_on", "8.1.2018", "write the day as 2018-01-08"),
        ("school", "17", "a school site has six characters"),
    ],
)
def test_how_a_field_is_written(field: str, typed: str, expected: str) -> None:
    """The refusal of a mistyped State ID, day or school shows how to write it."""
    claim = catalog.commands()["ClaimJurisdiction"]
    body = examples.example(claim.schema_id) | {field: typed}
    read = read_command({claim.name: claim}, claim.name, json.dumps(body).encode())
    assert isinstance(read, tuple)
    (finding,) = read
    assert finding.message.startswith(f"The field cannot be read: {expected}")


@pytest.mark.parametrize("name", catalog.commands())
def test_unknown_fields_at_any_depth(name: str) -> None:
    """SER never drops a typed value in silence: it refuses an unknown field at any depth."""
    entry = catalog.commands()[name]
    for body in strange(examples.example(entry.schema_id)):
        read = read_command({name: entry}, name, json.dumps(body).encode())
        assert isinstance(read, tuple)
        (finding,) = read
        assert finding.code == FIELD_UNKNOWN.code == "MSG-003"
        assert (finding.field or "").endswith(STRANGE)
