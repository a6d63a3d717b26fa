"""The commands of a student's school years: the initial evaluation, then three IEPs a year.

Each year the LEA reviews the IEP and amends it twice. The first review is the initial IEP.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid5

from contracts.evaluations import (
    CompleteEvaluation,
    DetermineEligibility,
    Exceptionality,
    ParentDecision,
    RecordParentDecision,
    RequestEvaluation,
)
from contracts.forms import AmendmentForm
from contracts.identity import Person
from contracts.ieps import AmendIEP, DraftIEP, IEPType, MakeIEPOfficial, SubmitIEP
from contracts.jurisdiction import SchoolStay, StudentClaimed
from contracts.message import Command, Event
from contracts.students import GuardianDetails, GuardianSaved, Profile, StudentAdded
from tests.unit.ieps.realistic import realistic_forms, realistic_plan

LEA = "017"
A_YEAR = 3
"""IEPs of one year: the review and its two amendments."""

_NAMES = UUID("5f0c1b1e-1d39-5f4e-8a53-0c9d2f6f7a10")
_BORN, _FIRST_YEAR = date(2005, 1, 15), 2011
_AMENDED_AFTER = (timedelta(days=90), timedelta(days=180))


def named(student_id: str, what: str) -> UUID:
    """The id of a record of the student: the same at each call."""
    return uuid5(_NAMES, f"{student_id}/{what}")


def iep_id(student_id: str, number: int) -> UUID:
    """The id of the student's IEP of that number, from 1."""
    return named(student_id, f"IEP {number}")


def arrival(student_id: str) -> Sequence[Event]:
    """The events after which ieps works on the student: added, guardian saved, claimed."""
    person = Person(first_name="Testa", last_name="Student", birth_on=_BORN, sex="F", races=("WH7",))
    begin_on = date(_FIRST_YEAR - 1, 8, 10)
    return (
        StudentAdded(
            student_id=student_id,
            revision=1,
            person=person,
            identity_revision=1,
            profile=Profile(grade="01"),
            added_by=LEA,
        ),
        GuardianSaved(
            student_id=student_id,
            revision=1,
            guardian_id=named(student_id, "guardian"),
            guardian=GuardianDetails(first_name="Parent", last_name="Student"),
        ),
        StudentClaimed(
            student_id=student_id,
            revision=1,
            spell_id=named(student_id, "spell"),
            lea=LEA,
            begin_on=begin_on,
            schools=(SchoolStay(school=f"{LEA}001", begin_on=begin_on),),
        ),
    )


def school_years(student_id: str, ieps: int) -> Iterator[Command]:
    """The evaluation and so many IEPs in order. All are submitted but the last one, which is official."""
    draw = Random(student_id)
    yield from _evaluated(student_id)
    for number in range(1, ieps + 1):
        yield _begun(draw, student_id, number)
        yield MakeIEPOfficial(
            student_id=student_id, iep_id=iep_id(student_id, number), signed_on=_met_on(number)
        )
        if number < ieps:
            yield SubmitIEP(student_id=student_id, iep_id=iep_id(student_id, number))


def drafted(student_id: str, number: int) -> DraftIEP:
    """Begin the IEP of that number, complete, as an initial IEP or as a review."""
    met_on = _met_on(number)
    begins_on = met_on + timedelta(days=7)
    return DraftIEP(
        student_id=student_id,
        iep_id=iep_id(student_id, number),
        iep_type=IEPType.INITIAL if number == 1 else IEPType.REVIEW,
        meeting_on=met_on,
        begin_on=begins_on,
        forms=realistic_forms(Random(f"{student_id}/{number}"), met_on, begins_on),
    )


def _evaluated(student_id: str) -> Iterator[Command]:
    names = {"student_id": student_id, "evaluation_id": named(student_id, "evaluation")}
    year = _FIRST_YEAR
    yield RequestEvaluation(**names, permission_requested_on=date(year, 5, 2))
    yield RecordParentDecision(**names, decision=ParentDecision.CONSENTED, decided_on=date(year, 5, 9))
    yield CompleteEvaluation(**names, report_disseminated_on=date(year, 8, 22))
    found = (Exceptionality(code="AUT", primary=True),)
    yield DetermineEligibility(**names, determined_on=date(year, 8, 24), exceptionalities=found)


def _begun(draw: Random, student_id: str, number: int) -> Command:
    amendment = (number - 1) % A_YEAR
    if not amendment:
        return drafted(student_id, number)
    return AmendIEP(
        student_id=student_id,
        iep_id=iep_id(student_id, number),
        amends=iep_id(student_id, number - 1),
        begin_on=_met_on(number) + _AMENDED_AFTER[amendment - 1],
        amendment=AmendmentForm(
            informed_on=_met_on(number), contact_method="telephone", explanation="More time for reading."
        ),
        forms=(realistic_plan(draw, "Reading"),),
    )


def _met_on(number: int) -> date:
    """When the team met: in September of the year of that IEP."""
    return date(_FIRST_YEAR + (number - 1) // A_YEAR, 9, 6)
