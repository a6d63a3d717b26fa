"""A student's evaluations."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.access import Actor
from contracts.evaluations import Evaluation
from services.chassis.answering.problems import NotFound
from services.ieps.domain import evaluation_rules as rules
from services.ieps.domain.stages import due_on
from services.ieps.queries.record import record_of, visible


class DatedEvaluation(Evaluation):
    """An evaluation with its due date."""

    due_on: date | None = Field(
        description="The day by which the report must be disseminated: 60 business days after the parent's"
        " consent. Blank without consent. SER has no holidays yet: it counts each Monday through Friday."
    )


async def evaluations(viewer: Actor, database: AsyncConnection, student_id: str) -> Sequence[DatedEvaluation]:
    """Evaluations, newest first. NotFound: the student is not added. Forbidden: another LEA's student."""
    record = await record_of(viewer, database, student_id, "evaluations")
    newest_first = sorted(
        visible(viewer, record, Evaluation),
        key=lambda evaluation: (evaluation.permission_requested_on, evaluation.record_id),
        reverse=True,
    )
    return [dated(found) for found in newest_first]


async def evaluation(
    viewer: Actor, database: AsyncConnection, student_id: str, evaluation_id: UUID
) -> DatedEvaluation:
    """One evaluation. NotFound: the student has none with that id that the viewer may see."""
    record = await record_of(viewer, database, student_id, f"evaluation {evaluation_id}")
    for found in visible(viewer, record, Evaluation):
        if found.evaluation_id == evaluation_id:
            return dated(found)
    raise NotFound(rules.EVALUATION_UNKNOWN.broken(at="evaluation_id"))


def dated(evaluation: Evaluation) -> DatedEvaluation:
    """The evaluation with its due date."""
    return DatedEvaluation(**dict(evaluation), due_on=due_on(evaluation))
