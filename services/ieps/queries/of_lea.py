"""The lists of an LEA's work: open evaluations, unsubmitted IEPs, and open requests to delete IEPs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Literal

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.counting import Calendars
from contracts.evaluations import Evaluation, EvaluationStage
from contracts.facts import not_their_list
from contracts.ieps import IEP, IEPDeletion, IEPStage
from contracts.message import Value
from contracts.types import LeaCode, StudentId
from services.chassis.answering.viewing import admit, log_views
from services.ieps import store
from services.ieps.domain.birth_dates import Disagreement, disagreements
from services.ieps.queries.evaluations import DatedEvaluation, dated
from services.ieps.queries.ieps import ListedIEP, lights_of, listed

OpenStage = Literal[
    EvaluationStage.REQUESTED, EvaluationStage.CONSENTED, EvaluationStage.BEGUN, EvaluationStage.COMPLETED
]
UnsubmittedStage = Literal[IEPStage.DRAFT, IEPStage.OFFICIAL]
_CLOCK_RUNS: Collection[EvaluationStage] = (EvaluationStage.CONSENTED, EvaluationStage.BEGUN)
_UNSUBMITTED: Collection[IEPStage] = (IEPStage.DRAFT, IEPStage.OFFICIAL)


class EvaluationPage(Value):
    """A page of the open evaluations of the students whom an LEA owns. Those that are still to be completed
    come first, by due date. The others follow, by State ID."""

    evaluations: tuple[DatedEvaluation, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


class IEPPage(Value):
    """A page of the IEPs that are not submitted, of the students whom an LEA owns, by State ID."""

    ieps: tuple[ListedIEP, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


class RequestedDeletion(IEPDeletion):
    """An open request to delete an IEP, with the header of the IEP."""

    iep: IEP


class DeletionPage(Value):
    """A page of the open requests to delete IEPs of the students whom an LEA owns, by State ID."""

    deletions: tuple[RequestedDeletion, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


class StudentDisagreement(Disagreement):
    """A record that does not agree with the birth date of its student."""

    student_id: StudentId


class DisagreementPage(Value):
    """A page of the records that do not agree with a birth date, of the students whom an LEA owns, by State
    ID. A page may have fewer records than the next one, or none."""

    records: tuple[StudentDisagreement, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


async def open_evaluations(
    viewer: Actor,
    database: AsyncConnection,
    lea: LeaCode,
    *,
    stage: EvaluationStage | None,
    after: str,
    limit: int,
) -> EvaluationPage:
    """A page of an LEA's open evaluations. Forbidden: another LEA's list. Logs a view of each student."""
    what = f"open evaluations of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    found = await store.evaluations(database, lea)
    calendars = Calendars(await store.calendars(database))
    wanted = (one for one in _open(found, calendars) if stage in (None, one.stage) and _place(one) > after)
    in_order = sorted(wanted, key=_place)
    page = tuple(in_order[:limit])
    await log_views(database, viewer, subjects=[one.student_id for one in page], what=what)
    return EvaluationPage(evaluations=page, next=_place(page[-1]) if len(in_order) > limit else None)


async def unsubmitted_ieps(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, stage: IEPStage | None, after: str, limit: int
) -> IEPPage:
    """A page of an LEA's drafts and official IEPs. Forbidden: another LEA's list. Logs a view of each
    student."""
    what = f"unsubmitted IEPs of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    student_id, _, iep_id = after.partition(".")
    rows = await store.unsubmitted_ieps(
        database, lea, [stage] if stage else _UNSUBMITTED, (student_id, iep_id), limit
    )
    drafts = [iep for iep, *_ in rows if iep.stage is IEPStage.DRAFT]
    records = await store.known_of(database, {draft.student_id for draft in drafts})
    calendars = Calendars(await store.calendars(database))
    lights = lights_of(records, drafts, await store.contents(database, drafts), calendars)
    page = tuple(listed(iep, lights.get(iep.record_id), changed, deletion) for iep, deletion, changed in rows)
    await log_views(database, viewer, subjects=sorted({iep.student_id for iep in page}), what=what)
    last = page[-1] if len(page) == limit else None
    return IEPPage(ieps=page, next=f"{last.student_id}.{last.iep_id}" if last else None)


async def disagreeing(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> DisagreementPage:
    """A page of the records that do not agree with the birth date. Forbidden: another LEA's list. Logs a view
    of each student."""
    what = f"records against the birth date of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    left = [one for one in await store.ages_to_check(database, lea) if one > after]
    students = left[:limit]
    records = await store.known_of(database, students)
    page = tuple(
        StudentDisagreement(student_id=student_id, **dict(one))
        for student_id in students
        for one in disagreements(records[student_id])
    )
    await log_views(database, viewer, subjects=sorted({one.student_id for one in page}), what=what)
    return DisagreementPage(records=page, next=students[-1] if len(left) > limit else None)


async def requested_deletions(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> DeletionPage:
    """A page of the open requests to delete IEPs of an LEA's students. Forbidden: another LEA's list. Logs a
    view of each student."""
    what = f"requests to delete IEPs of {lea}"
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))
    student_id, _, iep_id = after.partition(".")
    rows = await store.requested_deletions(database, lea, (student_id, iep_id), limit)
    page = tuple(RequestedDeletion(**dict(deletion), iep=iep) for deletion, iep in rows)
    await log_views(database, viewer, subjects=sorted({one.student_id for one in page}), what=what)
    last = page[-1] if len(page) == limit else None
    return DeletionPage(deletions=page, next=f"{last.student_id}.{last.iep_id}" if last else None)


def _open(evaluations: Iterable[Evaluation], calendars: Calendars) -> Iterator[DatedEvaluation]:
    of_student = defaultdict(list)
    for evaluation in evaluations:
        of_student[evaluation.student_id].append(evaluation)
    for theirs in of_student.values():
        yield from (dated(one, theirs, calendars) for one in theirs if one.open)


def _place(evaluation: DatedEvaluation) -> str:
    """The place of an evaluation in the list, as text: its due date while its clock runs, and the student."""
    runs = evaluation.stage in _CLOCK_RUNS and evaluation.due_on
    return f"{runs or date.max}.{evaluation.student_id}"
