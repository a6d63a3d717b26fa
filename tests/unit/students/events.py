"""Messages about the student of these tests, from eScholar and the services."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from contracts.decision import Decision
from contracts.identity import IdentityAssigned, IdentityCorrected, Person
from contracts.jurisdiction import StudentClaimed
from contracts.message import Command, Event, Record
from contracts.provision import ServiceAdded, ServiceTerminated, ServiceTerms
from contracts.students import GuardianDetails, GuardianSaved, StudentAdded
from services.students.domain import DECIDERS, REACTIONS
from tests.unit import events, scenario
from tests.unit.scenario import STUDENT, id_named

EBR, JEFFERSON = "017", "026"
BORN = date(2008, 3, 5)
AUGUST, OCTOBER = date(2017, 8, 10), date(2017, 10, 10)


def person(**changes: Any) -> Person:
    """The person in these tests."""
    facts: dict[str, Any] = {
        "first_name": "Testa",
        "last_name": "Student",
        "birth_on": BORN,
        "sex": "F",
        "races": ("WH7",),
    }
    return Person(**(facts | changes))


def assigned(who: Person | None = None, revision: int = 1) -> IdentityAssigned:
    """eScholar gave the State ID to the person."""
    return IdentityAssigned(student_id=STUDENT, revision=revision, person=who or person())


def corrected(who: Person, revision: int = 2) -> IdentityCorrected:
    """eScholar corrected the person."""
    return IdentityCorrected(
        student_id=STUDENT, revision=revision, person=who, reason="birth certificate seen"
    )


def added(by: str = EBR) -> StudentAdded:
    """An LEA added the student."""
    return events.added(by=by)


def claimed(lea: str = EBR, begin_on: date = AUGUST, under: str = "the first claim") -> StudentClaimed:
    """An LEA owns the student since `begin_on`."""
    return events.claimed(lea, begin_on, under)


def service(under: str = "speech") -> ServiceAdded:
    """The student receives a service."""
    return ServiceAdded(
        student_id=STUDENT,
        revision=1,
        service_id=id_named(under),
        iep_id=id_named("the IEP"),
        lea=EBR,
        terms=ServiceTerms(service_code="SPE", begin_on=AUGUST, sessions=2, minutes_per_session=30),
    )


def terminated(given: ServiceAdded) -> ServiceTerminated:
    """The service was terminated."""
    return ServiceTerminated.of(given, end_on=OCTOBER, termination_reason="GOALS")


def parent(**changes: Any) -> GuardianDetails:
    """A parent of the student."""
    return GuardianDetails(**({"first_name": "Mara", "last_name": "Student"} | changes))


def guardian(under: str) -> GuardianSaved:
    """A parent was saved."""
    return GuardianSaved(student_id=STUDENT, revision=1, guardian_id=id_named(under), guardian=parent())


def records_after(*events: Event, after: Sequence[Record] = ()) -> list[Record]:
    """The records of students after `after` and then these events, in this order."""
    return scenario.records_after(REACTIONS, *events, after=after)


def ready(*more: Record) -> list[Record]:
    """East Baton Rouge added the student and owns it since August; then `more`."""
    return [*records_after(assigned()), added(), *records_after(claimed()), *more]


def decide(history: Sequence[Record], command: Command, **how: Any) -> Decision:
    """The decision of students on `command` after `history`."""
    return scenario.decide_with(DECIDERS, history, command, **how)
