"""Messages about the student of these tests."""

from collections.abc import Sequence
from datetime import date, timedelta

from contracts.access import STATE, Role
from contracts.codes import ServiceCode
from contracts.facts import KnownStudent
from contracts.jurisdiction import (
    ClaimJurisdiction,
    CorrectSchoolTransfer,
    TransferRequested,
    TransferSchool,
    TransferState,
)
from contracts.provision import (
    OpenService,
    TransferAnswerState,
    TransferBlocked,
    TransferCleared,
)
from tests.unit.events import AUGUST, BORN, JEFFERSON, ORLEANS, SEPTEMBER, claimed, ended
from tests.unit.scenario import STUDENT, actor, id_named

ONE_DAY = timedelta(days=1)
FIRST = ended(claimed(), SEPTEMBER - ONE_DAY)
SECOND = claimed(JEFFERSON, begin_on=SEPTEMBER, under="the second claim")
STUDENT_HERE = KnownStudent(student_id=STUDENT, revision=1, birth_on=BORN)
OFFICE = actor(STATE, Role.STATE)
"""The state office."""


def requested(
    to_lea: str = JEFFERSON, begin_on: date = SEPTEMBER, under: str = "the transfer"
) -> TransferRequested:
    """An LEA claimed the student from Orleans."""
    return TransferRequested(
        student_id=STUDENT,
        revision=1,
        claim_id=id_named(under),
        state=TransferState.REQUESTED,
        from_lea=ORLEANS,
        from_spell=id_named("the first claim"),
        to_lea=to_lea,
        begin_on=begin_on,
        school=f"{to_lea}001",
        local_student_id="J-77",
    )


def cleared(request: TransferRequested) -> TransferCleared:
    """Provision found no service open."""
    return TransferCleared(
        student_id=STUDENT,
        revision=1,
        claim_id=request.claim_id,
        state=TransferAnswerState.CLEARED,
        from_lea=request.from_lea,
        to_lea=request.to_lea,
        begin_on=request.begin_on,
    )


def blocked(request: TransferRequested, codes: Sequence[ServiceCode] = ("SPE", "TRA")) -> TransferBlocked:
    """Provision found services open since August."""
    return TransferBlocked(
        student_id=STUDENT,
        revision=1,
        claim_id=request.claim_id,
        state=TransferAnswerState.BLOCKED,
        from_lea=request.from_lea,
        to_lea=request.to_lea,
        begin_on=request.begin_on,
        open_services=tuple(
            OpenService(service_id=id_named(code), lea=request.from_lea, service_code=code, begin_on=AUGUST)
            for code in codes
        ),
    )


def claim(lea: str = ORLEANS, begin_on: date = AUGUST, local_id: str | None = None) -> ClaimJurisdiction:
    """A command to claim the student from `begin_on`, at the LEA's school 001."""
    return ClaimJurisdiction(
        student_id=STUDENT, begin_on=begin_on, school=f"{lea}001", local_student_id=local_id
    )


def school_transfer(school: str = "036002", begin_on: date = SEPTEMBER) -> TransferSchool:
    """A command to move the student to another school site."""
    return TransferSchool(student_id=STUDENT, begin_on=begin_on, school=school)


def school_correction(school: str = "036002", begin_on: date = SEPTEMBER) -> CorrectSchoolTransfer:
    """A command to correct the student's last school stay."""
    return CorrectSchoolTransfer(student_id=STUDENT, begin_on=begin_on, school=school)
