"""The lists of an LEA's work: open evaluations, unsubmitted IEPs, and open requests to delete IEPs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from heapq import nsmallest
from operator import attrgetter
from typing import Literal, NamedTuple

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
from services.ieps.domain.stages import CLOCK_RUNS, due_on
from services.ieps.queries.calendars import published, published_around
from services.ieps.queries.evaluations import DatedEvaluation, dated
from services.ieps.queries.ieps import ListedIEP, lights_of, listed
from services.ieps.queries.moment import today

OpenStage = Literal[
    EvaluationStage.REQUESTED, EvaluationStage.CONSENTED, EvaluationStage.BEGUN, EvaluationStage.COMPLETED
]
UnsubmittedStage = Literal[IEPStage.DRAFT, IEPStage.OFFICIAL]
_UNSUBMITTED: Collection[IEPStage] = (IEPStage.DRAFT, IEPStage.OFFICIAL)


class EvaluationPage(Value):
    """A page of the open evaluations of the students whom an LEA owns. Those that are still to be completed
    come first, by due date. The others follow, by State ID."""

    evaluations: tuple[DatedEvaluation, ...]
    next: str | None = Field(description="`after` of the next page; blank on the last one.")


class _Placed(NamedTuple):
    """An open evaluation with its place in the list, and all evaluations of its student."""

    place: str
    evaluation: Evaluation
    theirs: Sequence[Evaluation]


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
    await _admit(viewer, database, lea, what)
    found = await store.evaluations(database, lea)
    calendars = await published(database)
    wanted = [
        one for one in _open(found, calendars) if stage in (None, one.evaluation.stage) and one.place > after
    ]
    first = nsmallest(limit + 1, wanted, key=attrgetter("place"))
    page = tuple(dated(one.evaluation, one.theirs, calendars) for one in first[:limit])
    await _log(viewer, database, (one.student_id for one in page), what)
    return EvaluationPage(evaluations=page, next=first[limit - 1].place if len(first) > limit else None)


async def unsubmitted_ieps(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, stage: IEPStage | None, after: str, limit: int
) -> IEPPage:
    """A page of an LEA's drafts and official IEPs. Forbidden: another LEA's list. Logs a view of each
    student."""
    what = f"unsubmitted IEPs of {lea}"
    await _admit(viewer, database, lea, what)
    stages = [stage] if stage else _UNSUBMITTED
    rows = await store.unsubmitted_ieps(database, lea, stages, _cut(after), limit)
    drafts = [iep for iep, *_ in rows if iep.stage is IEPStage.DRAFT]
    records = await store.known_of(database, {draft.student_id for draft in drafts})
    calendars = await published_around(database, today())
    lights = lights_of(records, drafts, await store.contents(database, drafts), calendars)
    page = tuple(listed(iep, lights.get(iep.record_id), changed, deletion) for iep, deletion, changed in rows)
    await _log(viewer, database, (one.student_id for one in page), what)
    return IEPPage(ieps=page, next=_next(page, limit))


async def disagreeing(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> DisagreementPage:
    """A page of the records that do not agree with the birth date. Forbidden: another LEA's list. Logs a view
    of each student."""
    what = f"records against the birth date of {lea}"
    await _admit(viewer, database, lea, what)
    left = [one for one in await store.ages_to_check(database, lea) if one > after]
    students = left[:limit]
    records = await store.known_of(database, students)
    page = tuple(
        StudentDisagreement(student_id=student_id, **dict(one))
        for student_id in students
        for one in disagreements(records[student_id])
    )
    await _log(viewer, database, (one.student_id for one in page), what)
    return DisagreementPage(records=page, next=students[-1] if len(left) > limit else None)


async def requested_deletions(
    viewer: Actor, database: AsyncConnection, lea: LeaCode, *, after: str, limit: int
) -> DeletionPage:
    """A page of the open requests to delete IEPs of an LEA's students. Forbidden: another LEA's list. Logs a
    view of each student."""
    what = f"requests to delete IEPs of {lea}"
    await _admit(viewer, database, lea, what)
    rows = await store.requested_deletions(database, lea, _cut(after), limit)
    page = tuple(RequestedDeletion(**dict(deletion), iep=iep) for deletion, iep in rows)
    await _log(viewer, database, (one.student_id for one in page), what)
    return DeletionPage(deletions=page, next=_next(page, limit))


async def _admit(viewer: Actor, database: AsyncConnection, lea: LeaCode, what: str) -> None:
    """Log the look at a list. Forbidden: the list of another LEA."""
    await admit(database, viewer, subject="", what=what, refusal=not_their_list(viewer, lea))


async def _log(viewer: Actor, database: AsyncConnection, students: Iterable[StudentId], what: str) -> None:
    """Log a view of each student of a page."""
    await log_views(database, viewer, subjects=sorted(set(students)), what=what)


def _cut(after: str) -> tuple[str, str]:
    """The State ID and the id of the IEP after which a page begins."""
    student_id, _, iep_id = after.partition(".")
    return student_id, iep_id


def _next(page: Sequence[IEP | RequestedDeletion], limit: int) -> str | None:
    """`after` of the page that follows a full one."""
    return f"{page[-1].student_id}.{page[-1].iep_id}" if len(page) == limit else None


def _open(evaluations: Iterable[Evaluation], calendars: Calendars) -> Iterator[_Placed]:
    of_student = defaultdict(list)
    for evaluation in evaluations:
        of_student[evaluation.student_id].append(evaluation)
    for theirs in of_student.values():
        yield from (_Placed(place_of(one, theirs, calendars), one, theirs) for one in theirs if one.open)


def place_of(evaluation: Evaluation, theirs: Iterable[Evaluation], calendars: Calendars) -> str:
    """An evaluation's place in the list, as text: its due date while its clock runs, the student, its id.

    A student whose State IDs were merged may have an open evaluation of each.
    """
    runs = due_on(evaluation, theirs, calendars) if evaluation.stage in CLOCK_RUNS else None
    return f"{runs or date.max}.{evaluation.student_id}.{evaluation.evaluation_id}"
