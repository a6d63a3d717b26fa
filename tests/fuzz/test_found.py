"""What was found once by trying at random, and stays tried."""

import json

import pytest

from contracts import catalog, examples
from contracts.catalog import Entry
from services.chassis.records import Unreadable
from tests.fuzz.bodies import CANARY
from tests.fuzz.judging import read_by
from tests.fuzz.post import STUDENT, Headers, Post, readers, record

EVENT_ID = "8bca4144-71fa-5edb-a764-f2bc755c9e32"
EACH_EVENT = pytest.mark.parametrize("entry", catalog.events().values(), ids=lambda entry: entry.name)


@EACH_EVENT
def test_a_revision_no_database_can_hold(entry: Entry, post: Post) -> None:
    """An event whose revision no database can hold is a dead letter, and holds up nothing of its student."""
    body = examples.example(entry.schema_id) | {"student_id": STUDENT, "revision": 2**31}
    raw = record(entry, STUDENT.encode(), json.dumps(body).encode(), post.headers(entry, EVENT_ID))
    for service in readers(entry):
        item = read_by(post.decoders[service.name], raw, service)
        assert isinstance(item, Unreadable)
        assert "revision" in item.reason


ODD_HEADERS: dict[str, Headers] = {
    "a name that is not ours, without a value": ((CANARY, None),),
    "a name that is not ours, not UTF-8": ((CANARY, b"\xff"),),
    "very many": (("", b""),) * 200_000,
    "names that JSON spells six times as long": (("\x01" * 16_000, b""),) * 3,
}


@pytest.mark.parametrize("odd", ODD_HEADERS)
def test_odd_headers(odd: str, post: Post) -> None:
    """A record with odd headers is a dead letter that Kafka takes and that repeats nothing in its reason."""
    entry = catalog.commands()["ClaimJurisdiction"]
    raw = record(entry, STUDENT.encode(), b"x" * 499_000, (*ODD_HEADERS[odd], *post.headers(entry, EVENT_ID)))
    for service in readers(entry):
        assert isinstance(read_by(post.decoders[service.name], raw, service), Unreadable)
