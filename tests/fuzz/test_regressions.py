"""Faults that random tests have found."""

import json
from typing import Any

import httpx
import pytest

from contracts import catalog, examples
from contracts.catalog import Entry
from services.chassis.decoding.messages import ReceivedCommand, Unreadable
from tests.fuzz.bodies import CANARY
from tests.fuzz.judging import read_by
from tests.fuzz.kafka_messages import STUDENT, Headers, Senders, raw_message, readers
from tests.fuzz.system import System

EVENT_ID = "8bca4144-71fa-5edb-a764-f2bc755c9e32"
EACH_EVENT = pytest.mark.parametrize("entry", catalog.events().values(), ids=lambda entry: entry.name)


@EACH_EVENT
def test_a_revision_no_database_can_hold(entry: Entry, senders: Senders) -> None:
    """An event whose revision is too large for a database is a dead letter and does not block its student."""
    body = examples.example(entry.schema_id) | {"student_id": STUDENT, "revision": 2**31}
    raw = raw_message(entry, STUDENT.encode(), json.dumps(body).encode(), senders.headers(entry, EVENT_ID))
    for service in readers(entry):
        item = read_by(senders.decoders[service.name], raw, service)
        assert isinstance(item, Unreadable)
        assert "revision" in item.reason


ODD_HEADERS: dict[str, Headers] = {
    "a name that is not ours, without a value": ((CANARY, None),),
    "a name that is not ours, not UTF-8": ((CANARY, b"\xff"),),
    "very many": (("", b""),) * 200_000,
    "names that JSON spells six times as long": (("\x01" * 16_000, b""),) * 3,
}


IGNORED_HEADERS = {"a name that is not ours, without a value", "a name that is not ours, not UTF-8"}


@pytest.mark.parametrize("odd", ODD_HEADERS)
def test_odd_headers(odd: str, senders: Senders) -> None:
    """Odd headers make a message a dead letter, which Kafka accepts; those of other systems are ignored."""
    entry = catalog.commands()["ClaimJurisdiction"]
    raw = raw_message(
        entry, STUDENT.encode(), b"x" * 499_000, (*ODD_HEADERS[odd], *senders.headers(entry, EVENT_ID))
    )
    for service in readers(entry):
        item = read_by(senders.decoders[service.name], raw, service)
        if odd in IGNORED_HEADERS:
            assert isinstance(item, ReceivedCommand), "headers of other systems change nothing"
            assert [finding.code for finding in item.findings] == ["MSG-001"]
        else:
            assert isinstance(item, Unreadable)


def post_command(system: System, name: str, body: dict[str, Any], **headers: str) -> httpx.Response:
    """The answer of a service's HTTP door to a command."""
    entry = catalog.commands()[name]
    return httpx.post(
        f"{system.processes[entry.owner].url}/commands/{name}",
        json=examples.example(entry.schema_id) | body,
        headers={"authorization": f"Bearer {system.token('owner')}"} | headers,
        timeout=60,
    )


def test_a_command_that_grows(system: System) -> None:
    """A service refuses a command at once if its normal form is too large for Kafka."""
    answer = post_command(system, "DraftIEP", {"forms": [{"form": "ESY"}] * 60_000})
    assert answer.status_code == 413
    assert answer.json()["findings"][0]["code"] == "MSG-012"


def test_an_odd_trace(system: System) -> None:
    """A command over HTTP gets its outcome with any trace header."""
    stranger = {"service_id": EVENT_ID, "student_id": "7900000001"}
    answer = post_command(system, "TerminateService", stranger, traceparent="x" * 20_000, prefer="wait=20")
    assert answer.status_code == 422
    assert answer.json()["status"] == "refused"
