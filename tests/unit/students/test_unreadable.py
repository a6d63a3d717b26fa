"""Unreadable messages from eScholar."""

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.decision import Accepted, Known, Waiting
from contracts.errors import Severity
from contracts.students import AddStudent, Profile, StudentCorrected
from services.chassis.decoding.decoder import Decoder
from services.chassis.decoding.messages import Unreadable
from services.chassis.decoding.tokens import Tokens
from services.chassis.hosting.settings import Settings
from services.students.app import SERVICE
from services.students.domain import REACTIONS
from services.students.domain.identities import note_unreadable
from tests.unit.chassis.memory_service import MemoryService
from tests.unit.scenario import STUDENT, codes, react_with
from tests.unit.students.events import added, assigned, corrected, decide, person, records_after

ADD = AddStudent(student_id=STUDENT, profile=Profile(grade="03"))
DECODE = Decoder(SERVICE, Settings.model_construct(), Tokens.__new__(Tokens))


def decoded(service: MemoryService, body: str, topic: str = "IdentityAssigned") -> Any:
    """The decoded message of eScholar."""
    headers = (("ce_id", b"1"), ("ce_type", topic.encode()))
    return DECODE(service.raw_message(topic, body)._replace(headers=headers))


def with_birth(day: str, revision: int = 1) -> str:
    """The identity with another birth date, as JSON."""
    body = json.loads(assigned().model_dump_json())
    body["person"]["birth_on"], body["revision"] = day, revision
    return json.dumps(body)


@pytest.mark.parametrize("day", ["9984-05-01", "0001-01-01", "2008-02-30", "5 March 2008"])
def test_a_birth_date_nobody_has_wedges_no_student(day: str) -> None:
    """An impossible birth date makes a dead letter that names the field. The service still reads eScholar's
    correction."""
    service = MemoryService(SERVICE)
    item = decoded(service, with_birth(day))
    assert isinstance(item, Unreadable)
    assert item.reason.endswith("at person.birth_on")
    service.process(item)
    assert service.published() == ["students.dead-letters"]
    mended = decoded(service, with_birth("2008-03-05", revision=2))
    assert not isinstance(mended, Unreadable)
    service.process(mended)
    known = service.store.load([mended]).aggregates[STUDENT].known
    assert isinstance(decide(list(known), ADD), Accepted)
    assert decide(list(known), ADD).warnings == ()  # type: ignore[union-attr]


def test_the_lea_is_told_that_escholars_message_cannot_be_read() -> None:
    """The refusal of AddStudent says that eScholar's message is unreadable, and names the field
    to correct."""
    service = MemoryService(SERVICE)
    item = decoded(service, with_birth("9984-05-01"))
    service.process(item)
    known = service.store.load([item]).aggregates[STUDENT].known
    decision = decide(list(known), ADD)
    assert isinstance(decision, Waiting)
    assert decision.reason.code == "STU-010"
    assert "person.birth_on" in decision.reason.message
    assert "9984" not in decision.reason.model_dump_json()


def test_a_correction_that_cannot_be_read_is_a_warning() -> None:
    """An LEA can add a student with an earlier identity, and learns that eScholar has a newer one."""
    history = records_after(assigned())
    noted = [*history, *note_unreadable_of(history, revision=2)]
    decision = decide(noted, ADD)
    assert isinstance(decision, Accepted)
    assert codes(decision) == {"STU-011"}
    assert decision.warnings[0].severity is Severity.WARNING
    later = [*records_after(corrected(person(first_name="Tess"), 3), after=noted)]
    assert codes(decide(later, ADD)) == set()


def note_unreadable_of(history: Any, revision: int | None) -> Any:
    """The service's note about an unreadable message."""
    return note_unreadable(Known(history), STUDENT, revision, "wrong at person.birth_on")


def test_a_message_without_a_revision_counts_as_the_next() -> None:
    """A message that is no JSON counts as the next revision."""
    service = MemoryService(SERVICE)
    item = decoded(service, "{")
    assert isinstance(item, Unreadable)
    assert (item.subject, item.revision) == (STUDENT, None)
    (note,) = note_unreadable_of(records_after(assigned()), None)
    assert note.revision == 2


def test_what_names_nobody_is_noted_nowhere() -> None:
    """A message without a State ID as key becomes a dead letter, and the service notes nothing."""
    item = decoded(MemoryService(SERVICE), "{")
    service = MemoryService(SERVICE)
    writes = service.process(replace(item, subject="nobody"))
    assert not writes.records
    assert service.published() == ["students.dead-letters"]


def test_a_student_is_still_corrected_later() -> None:
    """The next readable correction from eScholar replaces an unreadable one."""
    history = [*records_after(assigned()), added()]
    noted = [*history, *note_unreadable_of(history, revision=2)]
    effects = react_with(REACTIONS, noted, corrected(person(first_name="Tess"), 3))
    assert any(isinstance(effect, StudentCorrected) for effect in effects)
