"""Both doors read JSON strictly, and in the same way."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts import catalog, examples
from contracts.catalog import Kind
from services.chassis.decoding.bodies import read_command
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import RawMessage, Unreadable
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from services.students.app import SERVICE

COMMANDS = catalog.commands()
EXAMPLES = [
    pytest.param(name, examples.example(entry.schema_id), id=name) for name, entry in COMMANDS.items()
]
CLAIM = {"student_id": "1000000001", "begin_on": "2017-08-10", "school": "017001"}
IDENTITIES = [entry for entry in catalog.CATALOG if entry.owner == catalog.BRIDGE]
FACTS = [entry for entry in catalog.CATALOG if entry.kind is Kind.EVENT]


def otherwise(value: Any) -> list[Any]:
    """The value in another JSON type, or a day as an instant, as a careless program writes it."""
    match value:
        case bool():
            return [int(value), str(value).lower(), "Y"]
        case int():
            return [str(value), float(value), True]
        case str() if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return [
                1502323200,
                "1502323200",
                f"{value}T00:00:00",
                f"{value}T00:00:00Z",
                "20170810",
            ]
        case str():
            return [7, True, [value]]
        case _:
            return []


def careless(body: Any) -> Iterator[Any]:
    """The body with one value in another form: once for each value and each form."""
    match body:
        case dict():
            for field, value in body.items():
                yield from (body | {field: worse} for worse in (*otherwise(value), *careless(value)))
        case list():
            for place, value in enumerate(body):
                for worse in (*otherwise(value), *careless(value)):
                    yield [*body[:place], worse, *body[place + 1 :]]


def doubled(body: Any) -> Iterator[tuple[str, str]]:
    """The body as JSON with one field twice, for each field at every depth; and the field's name."""
    match body:
        case dict():
            for field, value in body.items():
                others = [f"{json.dumps(name)}: {json.dumps(other)}" for name, other in body.items()]
                yield f"{{{', '.join([*others, f'{json.dumps(field)}: {json.dumps(value)}'])}}}", field
                rest = {name: other for name, other in body.items() if name != field}
                for inner, twice in doubled(value):
                    members = [f"{json.dumps(name)}: {json.dumps(other)}" for name, other in rest.items()]
                    yield f"{{{', '.join([*members, f'{json.dumps(field)}: {inner}'])}}}", twice
        case list():
            for place, value in enumerate(body):
                for inner, twice in doubled(value):
                    items = [json.dumps(other) for other in body]
                    yield f"[{', '.join([*items[:place], inner, *items[place + 1 :]])}]", twice


def codes(name: str, body: bytes) -> list[str]:
    """The codes of all findings about a body; none if it is readable."""
    read = read_command(COMMANDS, name, body)
    return [finding.code for finding in read] if isinstance(read, tuple) else []


@pytest.mark.parametrize(("name", "whole"), EXAMPLES)
def test_nothing_is_converted(name: str, whole: Any) -> None:
    """Every command refuses a number in quotation marks, 1 for true, or an instant for a day."""
    assert codes(name, json.dumps(whole).encode()) == []
    for body in careless(whole):
        assert codes(name, json.dumps(body).encode()), body


@pytest.mark.parametrize(("name", "whole"), EXAMPLES)
def test_a_field_given_twice(name: str, whole: Any) -> None:
    """The service refuses a command that has a field twice, and names the field."""
    for body, field in doubled(whole):
        read = read_command(COMMANDS, name, body.encode())
        assert isinstance(read, tuple), body
        assert [(finding.code, finding.field) for finding in read] == [("MSG-023", field)]


@pytest.mark.parametrize("day", [1502323200, "1502323200", "2017-08-10T00:00:00", "10.8.2017", "2017-02-30"])
def test_how_a_day_is_written(day: Any) -> None:
    """The refusal of an instant, or of another notation for a day, shows how to write a day."""
    read = read_command(COMMANDS, "ClaimJurisdiction", json.dumps(CLAIM | {"begin_on": day}).encode())
    assert isinstance(read, tuple)
    assert [(finding.code, finding.field) for finding in read] == [("MSG-002", "begin_on")]
    assert "write the day as 2018-01-08" in read[0].message


def test_a_byte_order_mark() -> None:
    """The service reads a file that a Windows editor saved as UTF-8 with a byte order mark."""
    marked, plain = json.dumps(CLAIM).encode("utf-8-sig"), json.dumps(CLAIM).encode()
    assert marked != plain
    assert read_command(COMMANDS, "ClaimJurisdiction", marked) == read_command(
        COMMANDS, "ClaimJurisdiction", plain
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_another_encoding(encoding: str) -> None:
    """The service refuses a file in another encoding, and advises to save it as UTF-8."""
    body = json.dumps(CLAIM | {"local_student_id": "Zoë"}, ensure_ascii=False).encode(encoding)
    read = read_command(COMMANDS, "ClaimJurisdiction", body)
    assert isinstance(read, tuple)
    (finding,) = read
    assert finding.code == "MSG-022"
    assert ("UTF-16" in finding.message) is encoding.startswith("utf-16")
    assert "UTF-8" in finding.solution


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_no_number(number: str) -> None:
    """The service refuses NaN and Infinity, which are not JSON."""
    body = json.dumps(examples.example("AddService.v1")).replace("30", number)
    assert number in body
    assert codes("AddService", body.encode()) in (["MSG-001"], ["MSG-002"])


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"null", b"{}x", b"[" * 500, b"\x00\x01\x02"])
def test_no_object(body: bytes) -> None:
    """The service refuses a body that is no JSON object, and names the place where reading failed."""
    read = read_command(COMMANDS, "ClaimJurisdiction", body)
    assert isinstance(read, tuple)
    assert [finding.code for finding in read] == ["MSG-001"]
    assert not read[0].message.endswith(": .")


@pytest.mark.parametrize("entry", FACTS, ids=lambda entry: entry.name)
def test_facts_are_read_as_strictly(entry: catalog.Entry) -> None:
    """An event or identity with an instant in place of a day is unreadable; the service guesses no day."""
    for body in careless(examples.example(entry.schema_id)):
        with pytest.raises(ValueError, match="validation error"):
            entry.model.model_validate_json(json.dumps(body), strict=True)


@pytest.mark.parametrize("entry", IDENTITIES, ids=lambda entry: entry.name)
def test_what_escholar_says_twice(entry: catalog.Entry) -> None:
    """An identity that has a field twice becomes a dead letter. Its reason repeats no value."""
    decode = Decoder(SERVICE, Settings.model_construct(), Tokens.__new__(Tokens))
    whole = examples.example(entry.schema_id)
    headers = (("ce_id", b"1"), ("ce_type", entry.name.encode()))
    for body, _ in doubled(whole):
        raw = RawMessage(entry.topic(""), 0, 0, b"", body.encode(), headers, datetime.now(UTC))
        item = decode(raw)
        assert isinstance(item, Unreadable)
        assert item.reason.startswith("One object has the field twice")
