"""Both doors refuse Social Security numbers, in every command and in eScholar's messages."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts import catalog, examples
from contracts.catalog import Entry
from services.chassis.decoding.bodies import read_command
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import RawMessage, Unreadable
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from services.students.app import SERVICE

COMMANDS = catalog.commands()
NUMBER = "123-45-6789"
GUARDIAN = {"first_name": "Mara", "last_name": "Student"}
NAMED = "412d4b78-7219-5931-bf01-766a957cad29"
OF_STUDENT = {"student_id": "1000000001"}
TERMS = {"service_code": "SPI", "begin_on": "2018-01-08", "sessions": 1, "minutes_per_session": 30}

FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "guardian.address": (
        "SaveGuardian",
        {"guardian_id": NAMED, "guardian": {**GUARDIAN, "address": f"12 Oak St, SSN {NUMBER}"}},
    ),
    "guardian.phone": ("SaveGuardian", {"guardian_id": NAMED, "guardian": {**GUARDIAN, "phone": NUMBER}}),
    "profile.home_language": ("AddStudent", {"profile": {"home_language": "\uff11\uff12\uff13456789"}}),
    "coordinator_id": (
        "RequestEvaluation",
        {"evaluation_id": NAMED, "permission_requested_on": "2018-01-08", "coordinator_id": "12345-6789"},
    ),
    "forms.0.strengths": (
        "SaveIEPForms",
        {"iep_id": NAMED, "forms": [{"form": "GSI", "strengths": "reads. SSN: 123\u201345\u20136789"}]},
    ),
    "forms.0.objectives.1": (
        "SaveIEPForms",
        {"iep_id": NAMED, "forms": [{"form": "IPL", "area": "x", "objectives": ["reads", "123 45 6789"]}]},
    ),
    "terms.recipient": (
        "AddService",
        {"service_id": NAMED, "iep_id": NAMED, "terms": {**TERMS, "recipient": "1-23456-789"}},
    ),
    "terms.provider_id": (
        "AddService",
        {"service_id": NAMED, "iep_id": NAMED, "terms": {**TERMS, "provider_id": "123456789"}},
    ),
    "local_student_id": (
        "ClaimJurisdiction",
        {"begin_on": "2018-01-08", "school": "017001", "local_student_id": "123456789"},
    ),
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_number_is_refused_where_it_stands(field: str) -> None:
    """A Social Security number in any field of any command is refused, with the field's path."""
    name, body = FIELDS[field]
    found = read_command(COMMANDS, name, json.dumps(OF_STUDENT | body).encode())
    assert isinstance(found, tuple)
    assert [(finding.code, finding.field) for finding in found] == [("REC-005", field)]


def texts(body: Any) -> Iterator[Any]:
    """The body with a Social Security number in place of one text, for each text."""
    match body:
        case dict():
            for field, value in body.items():
                yield from (body | {field: worse} for worse in texts(value))
        case list():
            for place, value in enumerate(body):
                yield from ([*body[:place], worse, *body[place + 1 :]] for worse in texts(value))
        case str():
            yield NUMBER


@pytest.mark.parametrize("entry", COMMANDS.values(), ids=lambda entry: entry.name)
def test_no_text_of_a_command_takes_a_number(entry: Entry) -> None:
    """The service refuses a command with a Social Security number in any of its texts."""
    for body in texts(examples.example(entry.schema_id)):
        assert isinstance(read_command(COMMANDS, entry.name, json.dumps(body).encode()), tuple), body


def test_a_number_in_an_alias_of_escholar() -> None:
    """An identity with a Social Security number as an alias becomes a dead letter that names the
    field only."""
    body = examples.example("IdentityAssigned.v1")
    body["aliases"] = [{"lea": "017", "local_student_id": "123456789"}]
    decode = Decoder(SERVICE, Settings.model_construct(), Tokens.__new__(Tokens))
    headers = (("ce_id", b"1"), ("ce_type", b"IdentityAssigned"))
    key = body["student_id"].encode()
    item = decode(
        RawMessage("IdentityAssigned", 0, 0, key, json.dumps(body).encode(), headers, datetime.now(UTC))
    )
    assert isinstance(item, Unreadable)
    assert item.reason.startswith("REC-005 at aliases.0.local_student_id")
    assert "123456789" not in item.reason
