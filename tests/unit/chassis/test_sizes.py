"""Every answer fits into a Kafka message, with any number of mistakes."""

import json

import pytest

from contracts import catalog, errors
from contracts.decision import Refused
from contracts.envelope import EnvelopeUnreadable, text_headers
from contracts.jurisdiction import ClaimJurisdiction
from contracts.outcome import Outcome
from services.chassis.decoding.bodies import read_command
from services.chassis.decoding.messages import RawMessage
from services.chassis.publishing.effects import Outgoings
from tests.unit.chassis.memory_service import NOON, MemoryService, claim, jurisdiction

KAFKA_TAKES = 1_000_000
OUT = Outgoings(jurisdiction(), "")
MISTAKES = {
    "fields nobody knows": {f"field{number}": 1 for number in range(5_000)},
    "forms that are none": {"forms": [{}] * 5_000},
}


@pytest.mark.parametrize("mistakes", MISTAKES)
def test_thousands_of_mistakes(mistakes: str) -> None:
    """A refusal lists at most a hundred mistakes and says that there are more."""
    body = json.dumps(MISTAKES[mistakes]).encode()
    found = read_command(catalog.commands(), "DraftIEP", body)
    assert isinstance(found, tuple)
    assert len(found) == errors.MOST_FINDINGS
    assert [finding.code for finding in found].count(errors.MORE_FINDINGS.code) == 1
    assert found[-1].code == "MSG-021"


def _many_warnings_and_an_error(*_: object) -> Refused:
    return Refused((*[errors.BEHIND.broken()] * errors.MOST_FINDINGS, errors.NUL_CHARACTER.broken()))


def test_an_outcome_lists_errors_first() -> None:
    """A shortened answer lists errors before warnings."""
    service = MemoryService(jurisdiction({ClaimJurisdiction: _many_warnings_and_an_error}))
    command = service.received_command(claim())
    service.process(command)
    outcome = Outcome.model_validate_json(service.store.ledger[command.id].body)
    assert len(outcome.findings) == errors.MOST_FINDINGS
    assert outcome.findings[0].code == errors.NUL_CHARACTER.code
    assert outcome.findings[-1].code == errors.MORE_FINDINGS.code
    assert errors.listed(outcome.findings) == outcome.findings


ODD_HEADERS = {
    "very many without a word": (("", b""),) * 300_000,
    "a name that JSON spells six times as long": (("\x01" * 49_000, b""),),
    "a long value": (("", b"x" * 49_000),),
}


@pytest.mark.parametrize("odd", ODD_HEADERS)
def test_dead_letters_fit(odd: str) -> None:
    """Kafka accepts the dead letter of any unreadable message, with any headers."""
    raw = RawMessage("jurisdiction.commands", 0, 7, b"key", b"x" * 500_000, ODD_HEADERS[odd], NOON)
    letter = OUT.dead_letter(raw, "no value")
    assert len(letter.value.encode()) < KAFKA_TAKES
    assert json.loads(letter.value)["offset"] == 7


@pytest.mark.parametrize("value", [None, b"\xff"])
def test_a_stranger_s_header_is_ignored(value: bytes | None) -> None:
    """A header that is not one of ours may hold anything; one of ours must be readable."""
    assert text_headers([("Ada Example", value), ("ce_type", b"AddStudent")]) == {"ce_type": "AddStudent"}
    with pytest.raises(EnvelopeUnreadable, match=r"^header 'ce_subject' "):
        text_headers([("ce_subject", value)])
