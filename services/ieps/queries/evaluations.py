"""A student's evaluations, and the way from early intervention (IDEA Part C)."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.counting import Calendars
from contracts.deadlines import Due, consent_request_due
from contracts.decision import Known
from contracts.evaluations import Evaluation, PartCTransition
from services.chassis.answering.problems import NotFound
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.stages import due
from services.ieps.queries.calendars import published
from services.ieps.queries.record import record_of, visible


class DatedEvaluation(Evaluation):
    """An evaluation with its due dates."""

    due: Due | None = Field(
        description="When the report must be disseminated. Initial: 60 business days after consent."
        " Re-evaluation: three years after the last evaluation or waiver. Extensions are counted."
    )
    due_on: date | None = Field(description="The due date alone.")
    consent_due: Due | None = Field(
        description="When the LEA asks for the parent's consent: 10 business days after pupil"
        " appraisal received the referral. Blank if that day is not recorded."
    )


async def evaluations(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[DatedEvaluation]:
    """Evaluations, newest first. NotFound: the student is not added. Forbidden: another LEA's student."""
    record = await record_of(viewer, database, student_id, "evaluations")
    newest_first = sorted(
        visible(viewer, record, Evaluation),
        key=lambda evaluation: (evaluation.opened_on, evaluation.record_id),
        reverse=True,
    )
    calendars = await published(database)
    return [_dated(record, found, calendars) for found in newest_first]


async def evaluation(
    viewer: Actor, database: AsyncConnection, student_id: str, evaluation_id: UUID
) -> DatedEvaluation:
    """One evaluation. NotFound: the student has none with that id that the viewer may see."""
    record = await record_of(viewer, database, student_id, f"evaluation {evaluation_id}")
    for found in visible(viewer, record, Evaluation):
        if found.evaluation_id == evaluation_id:
            return _dated(record, found, await published(database))
    raise NotFound(rules.EVALUATION_UNKNOWN.broken(at="evaluation_id"))


async def part_c(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[PartCTransition]:
    """What early intervention did; empty if nothing is recorded. NotFound, Forbidden: as above."""
    record = await record_of(viewer, database, student_id, "transition from Part C")
    return visible(viewer, record, PartCTransition)


def dated(
    evaluation: Evaluation,
    others: Iterable[Evaluation],
    calendars: Calendars,
    *,
    explain: bool = False,
) -> DatedEvaluation:
    """The evaluation with its due dates. `others`: the student's evaluations."""
    received_on = evaluation.received_by_appraisal_on
    found = due(evaluation, others, calendars, explain=explain)
    asked = consent_request_due(received_on, calendars, explain=explain) if received_on else None
    return DatedEvaluation(
        **dict(evaluation), due=found, due_on=found.due_on if found else None, consent_due=asked
    )


def _dated(record: Known, evaluation: Evaluation, calendars: Calendars) -> DatedEvaluation:
    return dated(evaluation, record.all(Evaluation), calendars, explain=True)
